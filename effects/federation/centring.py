"""What was subtracted from columns for the sake of digits, made to tell nothing that the sums do not tell."""

from dataclasses import replace

from effects.moments import CONSTANT, TREATED, Grams, Moments


def at_means(moments: Moments) -> Moments:
    """The same sums of columns less their mean over all rows, in place of the middle of their least and largest value.

    Whoever knows the least value reads the largest, one person's, off the middle; the mean is a sum and a count that
    leave anyway. A column that went with treatment has the mean of the column it is made of.
    """
    return replace(moments, outcomes=tuple(replace(own, grams=_at_means(own.grams)) for own in moments.outcomes))


def _at_means(grams: Grams) -> Grams:
    """Columns that are less their mean within the unit have no origin, and stay."""
    moving = [name for name, base in zip(grams.names, grams.base, strict=True) if base == CONSTANT != name]
    if not moving or not grams.clusters:
        return grams
    constant, whole = grams.column(CONSTANT), grams.products.sum(axis=0)
    means = {}
    for name in moving:
        place = grams.column(name)
        means[name] = float(grams.origin[place] + whole[constant, place] / whole[constant, constant])
    products = {f"{TREATED} x {name}": mean for name, mean in means.items()}
    return grams.moved_to({**means, **products})
