"""Where the official geography comes from, and how it gets into the database.

`files` is the format of the compact files in `fixtures/geography`. `sources` and `coverage` make
them out of the published packages (`manage.py build_geography`, needs the `geo` extra). `load`
brings them into the database (`manage.py load_territories`) by the steps `territories`,
`containments` and `place_names`, on `bulk`. docs/geography.md tells the whole.
"""
