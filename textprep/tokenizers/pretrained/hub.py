"""Tokenizers by their name on the Hugging Face hub."""

from __future__ import annotations

import re
from pathlib import Path

from textprep.errors import TokenizerError, cause
from textprep.tokenizers.pretrained import gpt2
from textprep.tokenizers.pretrained.folder import CONFIGS, FILES

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_OF_FILES = (".json", ".txt", ".model", ".tiktoken", ".bin", ".safetensors")


def is_name(path: Path) -> bool:
    """Whether ``path``, of which there is no file, may be a name on the hub.

    >>> [is_name(Path(name)) for name in ("gpt2", "org/model-v1.5", "tokenizer.json", "a/b/c", "/gpt2")]
    [True, True, False, False, False]
    """
    return bool(_NAME.fullmatch(path.as_posix())) and path.suffix not in _OF_FILES


def fetch(name: str) -> Path:
    """The folder with the files of that tokenizer: downloaded, or from the hub's cache on this machine.

    Raises:
        TokenizerError: they are not there, or there is no network.
    """
    from huggingface_hub import snapshot_download

    wanted = [*FILES, *gpt2.FILES, *CONFIGS]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as error:  # of many classes: no such name, no right to it, no network
        try:
            return Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
        except Exception:
            raise TokenizerError(
                f"there is no file or folder {name}, and the hub gives no tokenizer of that name "
                f"({cause(error).split('. ')[0]:.200})",
                option="path",
                hint=f"where a network is, `hf download {name} --local-dir FOLDER` fetches it; "
                'then give path="FOLDER"',
            ) from error
