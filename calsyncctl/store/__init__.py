"""The store: one SQLite file per profile, reached through `db.open_store`; rows go in and out as models.

Every table function is a module function that takes the `Store` first. Those that write are called inside
`with store.write():` and say so by refusing otherwise; reads need no transaction. SQL is written here and nowhere else.
"""
