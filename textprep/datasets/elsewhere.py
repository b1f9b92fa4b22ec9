"""What other libraries call our options."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from textprep.errors import nearest_first

WORDS = {
    "path": "file filename filenames file_path filepath filepath_or_buffer files data_file data_files "
    "data_dir fname input source src url uri location train_file dataset_path paths root",
    "text": "texts text_column text_col text_field text_key text_name column columns column_name usecols x "
    "x_col feature features input_column content_column sentence_column document_column include_columns",
    "label": "target targets label_column label_col label_field label_key label_name labels target_column "
    "target_col y y_col y_column class_column category_column",
    "delimiter": "sep separator delim field_delimiter field_separator delimiter_char fieldsep csv_delimiter",
    "quote": "quotechar quote_char quotation quoting quote_character quote_style",
    "escape": "escapechar escape_char escape_character",
    "skip_lines": "skiprows skip_rows skip skip_header skiplines skip_first_lines header_lines",
    "comment": "comment_char comment_prefix comments comment_character",
    "header": "has_header hasheader include_header no_header skip_header_row autogenerate_column_names",
    "names": "columns_names column_names col_names colnames fields fieldnames field_names new_columns schema",
    "strip": "skipinitialspace strip_whitespace trim trim_ws trim_whitespace ignore_leading_white_space",
    "encoding": "charset codec file_encoding character_encoding encoding_name text_encoding",
    "on_error": "errors encoding_errors on_bad_lines error_bad_lines bad_lines ignore_errors "
    "invalid_row_handler mode drop_malformed skip_errors",
    "splits": "split test_size train_size val_size validation_split test_split split_ratio fractions",
    "seed": "random_state random_seed rng",
    "fold": "n_splits folds cv",
    "group": "groups group_column group_col",
    "class_names": "target_names categories classes label_names label_list id2label label2id class_list",
    "target": "multilabel is_multi task problem_type task_type",
    "separator": "label_separator label_delim",
    "pair": "text_pair text2 sentence2 second_text",
    "members": "member archive_member inner_path names_in_archive",
    "key": "field json_key record_path root_key",
    "table": "table_name sheet_name",
}
OURS = {word: option for option, words in WORDS.items() for word in words.split()}


def called_here(unknown: Iterable[str], known: Collection[str]) -> str:
    """What options that do not exist are called here; the nearest names for those that nobody knows.

    >>> print(called_here(["sep"], ["path", "delimiter", "quote"]))
    there is no option 'sep': it is called delimiter= here
    """
    return "; ".join(f"there is no option {name!r}{_advice(name, known)}" for name in unknown)


def _advice(name: str, known: Collection[str]) -> str:
    ours = our_name(name, known)
    return f": it is called {ours}= here" if ours else f"; there are: {', '.join(nearest_first(name, known))}"


def our_name(name: str, known: Collection[str]) -> str | None:
    """The option that means the same, where there is one."""
    ours = OURS.get(name.lower().replace("-", "_"))
    return ours if ours in known else None
