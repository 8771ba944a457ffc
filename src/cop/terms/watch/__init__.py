"""The watch over providers' documents: what is declared, how it is fetched or taken in, and the store of snapshots."""
