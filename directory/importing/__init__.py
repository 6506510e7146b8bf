"""The import of calls from spreadsheets: see docs/decisions/0009-import-of-calls.md.

`files` opens a file, `resource` reads its rows by `columns` and `vocabulary`, `plan` compares them
with the base, `writing` applies, `undo` puts back; `imports` is what the pages and the command use.
"""
