"""From rows, too many to hold, to the cross-products from which the linear designs are answered exactly."""
