"""What can be taken out of the registry and checked by anybody: bundles of a recommendation."""
