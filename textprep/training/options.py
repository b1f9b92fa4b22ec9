"""The options of batches, model and training, each with its plain default; nothing here needs torch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LoaderOptions(BaseModel):
    """How batches are made: `textprep.batches.loader.BatchLoader` has the same options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(default=64, ge=1)
    max_length: int | None = Field(default=256, ge=1)
    truncation: Literal["head", "tail", "head_tail"] = "head"


class ModelOptions(BaseModel):
    """The sizes of `textprep.models.GRUAttentionClassifier`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedding_dim: int = Field(default=128, ge=1, le=16_384)
    hidden_dim: int = Field(default=64, ge=1, le=16_384)
    dropout: float = Field(default=0.5, ge=0, lt=1)


class TrainingOptions(BaseModel):
    """How a model is trained.

    Attributes:
        epochs: passes over the training split, at most.
        learning_rate: of AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).
        weight_decay: of AdamW.
        clip_norm: gradients are scaled down to this norm, all parameters together.
        patience: stop after so many epochs in a row without a lower validation loss.
        seed: of dropout here; callers use it for batch order and first weights too.
        device: "auto" takes CUDA, else MPS, else the CPU; or a name that torch knows.

    >>> TrainingOptions(epochs=1).epochs
    1
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=2, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0, allow_inf_nan=False)
    weight_decay: float = Field(default=1e-2, ge=0, allow_inf_nan=False)
    clip_norm: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    patience: int = Field(default=1, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**63)
    device: str = "auto"
