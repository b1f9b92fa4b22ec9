"""What stores, runs, downloads and quarantine keep on the disk: how it is written, locked and checked."""
