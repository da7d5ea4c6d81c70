//! Numbers with separators.

/// The number with thin spaces between its thousands.
pub(crate) fn number<N: Copy + TryInto<u64>>(number: &N) -> String {
    let Ok(number) = (*number).try_into() else {
        return String::new();
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            // Narrow and without a break.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (value, text) in [
            (0_u64, "0"),
            (999, "999"),
            (1234, "1\u{202f}234"),
            (1_000_000, "1\u{202f}000\u{202f}000"),
        ] {
            assert_eq!(number(&value), text);
        }
    }
}
