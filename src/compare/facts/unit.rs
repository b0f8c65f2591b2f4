//! What stands after a number or before it: units, currencies, and words for powers of ten.

/// A unit and how it is written. Symbols are told apart by case, words are given in lower case.
const UNITS: &[(&str, &[&str])] = &[
    ("%", &["%", "％", "٪", "percent", "pct", "prozent", "procent", "процента", "процентов"]),
    ("$", &["$", "USD", "dollar", "dollars"]),
    ("€", &["€", "EUR", "euro", "euros"]),
    ("£", &["£", "GBP"]),
    ("¥", &["¥", "￥", "JPY", "yen", "円"]),
    ("CNY", &["CNY", "RMB", "yuan", "元"]),
    ("₹", &["₹", "INR", "rupees"]),
    ("₽", &["₽", "RUB", "рублей", "рубля"]),
    ("₩", &["₩", "KRW", "원"]),
    ("km", &["km", "kilometer", "kilometers", "kilometre", "kilometres"]),
    ("m", &["m", "meter", "meters", "metre", "metres"]),
    ("cm", &["cm", "centimeters", "centimetres"]),
    ("mm", &["mm", "millimeters", "millimetres"]),
    ("mi", &["mi", "mile", "miles"]),
    ("ft", &["ft", "foot", "feet"]),
    ("kg", &["kg", "kilogram", "kilograms", "kilo", "kilos"]),
    ("g", &["g", "gram", "grams"]),
    ("mg", &["mg", "milligram", "milligrams"]),
    ("lb", &["lb", "lbs", "pounds"]),
    ("l", &["l", "L", "liter", "liters", "litre", "litres"]),
    ("ml", &["ml", "mL"]),
    ("ns", &["ns", "nanoseconds"]),
    ("µs", &["µs", "μs", "us", "microseconds"]),
    ("ms", &["ms", "millisecond", "milliseconds"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("min", &["min", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("day", &["day", "days"]),
    ("week", &["week", "weeks"]),
    ("month", &["month", "months"]),
    ("year", &["year", "years", "yr", "yrs"]),
    ("°C", &["°C", "℃"]),
    ("°F", &["°F", "℉"]),
    ("°", &["°", "degrees", "degree"]),
    ("B", &["byte", "bytes"]),
    ("kB", &["kB", "KB"]),
    ("MB", &["MB"]),
    ("GB", &["GB"]),
    ("TB", &["TB"]),
    ("KiB", &["KiB"]),
    ("MiB", &["MiB"]),
    ("GiB", &["GiB"]),
    ("Hz", &["Hz"]),
    ("kHz", &["kHz"]),
    ("MHz", &["MHz"]),
    ("GHz", &["GHz"]),
    ("W", &["W", "watt", "watts"]),
    ("kW", &["kW"]),
    ("MW", &["MW"]),
    ("kWh", &["kWh"]),
    ("V", &["V", "volt", "volts"]),
    ("x", &["x", "×", "times"]),
];

/// Words for a power of ten.
const SCALES: &[(i64, &[&str])] = &[
    (3, &["thousand", "tausend", "mille", "mil", "тысяч", "тысячи"]),
    (4, &["万", "萬", "만"]),
    (5, &["lakh", "lakhs"]),
    (6, &["million", "millions", "mio", "mln", "millionen", "millones", "миллион", "миллиона", "миллионов"]),
    (7, &["crore", "crores"]),
    (8, &["亿", "億", "억"]),
    (9, &["billion", "billions", "bn", "milliarde", "milliarden", "milliard", "milliards", "миллиард", "миллиарда"]),
    (12, &["trillion", "trillions", "tn", "billionen"]),
];

/// Signs for a power of ten that stand right at the number only.
const ATTACHED_SCALES: &[(i64, &[&str])] = &[(3, &["k", "K"]), (6, &["M"]), (9, &["B"])];

/// The unit of this name.
pub fn unit(name: &str) -> Option<&'static str> {
    named(UNITS, name).copied()
}

/// The currency of this sign, which may stand before the number.
pub fn currency(sign: char) -> Option<&'static str> {
    "$€£¥￥₹₽₩".contains(sign).then(|| unit(sign.encode_utf8(&mut [0; 4]))).flatten()
}

/// The power of ten that this word is; `attached` where it stands right at the number.
pub fn scale(name: &str, attached: bool) -> Option<i64> {
    named(SCALES, name).or_else(|| named(ATTACHED_SCALES, name).filter(|_| attached)).copied()
}

fn named<'a, T>(rows: &'a [(T, &[&str])], name: &str) -> Option<&'a T> {
    let find = |name: &str| rows.iter().find(|(_, names)| names.contains(&name)).map(|(value, _)| value);
    // A symbol of one or two letters in another case is another unit.
    find(name).or_else(|| (name.chars().count() > 2).then(|| find(&name.to_lowercase())).flatten())
}
