//! How many of something, in words.

use super::compare::figures::count;

/// So many of something, such as `1 request`, `1,234 requests` or `2 aliases`.
pub fn counted(number: impl TryInto<u64>, one: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let end = match one {
        _ if number == 1 => "",
        hissing if hissing.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {one}{end}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_else_is_many() {
        assert_eq!([0_u64, 1, 1_234].map(|number| counted(number, "model")), ["0 models", "1 model", "1,234 models"]);
        assert_eq!([1_usize, 2].map(|number| counted(number, "alias")), ["1 alias", "2 aliases"]);
    }
}
