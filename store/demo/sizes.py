"""Size ranges of the demo shop and their charts in centimetres."""

from prompts import taxonomy

Chart = dict[str, dict[str, float]]
ONE_SIZE = "one size"

WOMEN = {"XS": (80, 62, 86), "S": (84, 66, 90), "M": (88, 70, 94), "L": (94, 76, 100), "XL": (100, 82, 106)}
MEN = {
    "S": (92, 78, 94),
    "M": (98, 84, 100),
    "L": (104, 90, 106),
    "XL": (110, 96, 112),
    "XXL": (118, 104, 118),
}
KIDS = {
    "90": (90, 2, 52),
    "100": (100, 3, 54),
    "110": (110, 5, 57),
    "120": (120, 6.5, 61),
    "130": (130, 8, 65),
    "140": (140, 10, 70),
}


def foot(eu: int) -> float:
    """Length of the foot, in cm, that an EU shoe size fits."""
    return round(eu / 1.5 - 1.5, 1)


def chart(category: str, gender: str, kids: bool) -> Chart:
    """Sizes, in order, with body measurements in cm (and `age_years` for children); {} values for one size."""
    if taxonomy.is_a(category, "shoes"):
        span = (
            range(24, 35)
            if kids
            else range(39, 47)
            if gender == "men"
            else range(36, 46)
            if gender == "unisex"
            else range(35, 42)
        )
        return {str(eu): {"foot_length": foot(eu)} for eu in span}
    if taxonomy.is_a(category, "hat") and kids:
        return {"S": {"head": 50}, "M": {"head": 53}}
    if category == "belt":
        waists = (85, 95, 105) if gender == "men" else (70, 80, 90)
        return {s: {"waist": w} for s, w in zip(("S", "M", "L"), waists, strict=True)}
    if taxonomy.is_a(category, "bag") or taxonomy.is_a(category, "accessories"):
        return {ONE_SIZE: {"head": 58} if taxonomy.is_a(category, "hat") else {}}
    if kids:
        return {s: {"height": h, "age_years": age, "chest": c} for s, (h, age, c) in KIDS.items()}
    if category == "jeans":
        if gender == "men":
            return {
                str(w): {"waist": round(w * 2.54 + 2, 0), "hip": round(w * 2.54 + 18, 0)}
                for w in range(28, 39, 2)
            }
        return {
            str(w): {"waist": round(w * 2.54 + 1, 0), "hip": round(w * 2.54 + 25, 0)}
            for w in range(24, 33, 1)
        }
    table = MEN if gender in ("men", "unisex") else WOMEN
    lower = taxonomy.is_a(category, "bottoms")
    out: Chart = {}
    if gender == "unisex":
        out["XS"] = {"waist": 72, "hip": 88} if lower else {"chest": 86, "waist": 72}
    for name, (chest, waist, hip) in table.items():
        if lower:
            out[name] = {"waist": waist, "hip": hip}
        elif taxonomy.is_a(category, "onepiece") or category in ("swimwear", "suit"):
            out[name] = {"chest": chest, "waist": waist, "hip": hip}
        else:
            out[name] = {"chest": chest, "waist": waist}
    return out
