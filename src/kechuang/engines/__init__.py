"""Pure engines: frozen data in, frozen data out; no Django, no network."""
