"""The engine: what changed on either side, decided purely and acted on against the store and a provider.

It knows a provider and reactions as protocols only; `runtime` puts the real ones in.
"""
