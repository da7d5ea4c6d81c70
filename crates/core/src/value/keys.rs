//! What names are searched and sorted by, the same on both databases.

use std::sync::LazyLock;

use icu_casemap::CaseMapper;
use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::UnicodeNormalization as _;

/// The most bytes of a search key. The longest names of letters have about as many; only what is
/// written with ligatures of whole words has more. An index holds less than three times as many.
const MAX_SEARCH: usize = 1_200;

/// The most bytes of a collation key before it is written as text.
const MAX_SORT: usize = 512;

static ROOT: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let root = Collator::try_new(Default::default(), CollatorOptions::default());
    root.expect("the root collation is compiled in")
});

/// The text without differences of case and of compatible characters (NFKC with full case folding),
/// and without invisible characters. Accents stay. `i`, `I`, `İ` and `ı` are one letter: which pair
/// them depends on the language.
#[must_use]
pub fn search_key(text: &str) -> String {
    let mut key = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        // Folding can give what normalization changes, and the other way round.
        fold(&fold(text))
    };
    let mut end = key.len().min(MAX_SEARCH);
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    key.truncate(end);
    key
}

fn fold(text: &str) -> String {
    let invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let decomposed: String = text.nfkd().collect();
    let folded = CaseMapper::new().fold_string(&decomposed);
    let visible = folded.chars().filter(|&c| !invisible.contains(c));
    one_i(visible.nfkc())
}

/// The text with one letter for all forms of `i`.
fn one_i(text: impl Iterator<Item = char>) -> String {
    let mut key = String::new();
    for c in text {
        match c {
            'ı' => key.push('i'),
            // The dot of `İ`, which folds to `i` and this.
            '\u{307}' if key.ends_with('i') => {}
            _ => key.push(c),
        }
    }
    key
}

/// A text that sorts, byte by byte, as the text does in the root collation of CLDR.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let mut key = Vec::new();
    let Ok(()) = ROOT.write_sort_key_to(text, &mut key);
    key.truncate(MAX_SORT);
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_key_has_no_case_and_one_form_of_each_character() {
        for (text, key) in [
            ("ACME 7", "acme 7"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
            ("οδυσσευς", "οδυσσευσ"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("İSTANBUL", "istanbul"),
            ("i\u{307}\u{307}zmir", "izmir"),
            ("IĞDIR", "iğdir"),
            ("Iğdır", "iğdir"),
            ("z\u{307}", "ż"),
            ("ＡＢＣ", "abc"),
            ("ﬃ", "ffi"),
            ("E\u{301}", "é"),
            ("ΐ", "ΐ"),
            ("ᾼ", "αι"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("Ǆ", "dž"),
            ("Ꭰ", "Ꭰ"),
            ("ꭰ", "Ꭰ"),
        ] {
            assert_eq!(search_key(text), key, "{text}");
            assert_eq!(search_key(key), key, "{key} again");
        }
    }

    #[test]
    fn a_key_has_a_bounded_length() {
        let long = "ﷺ".repeat(255);
        assert!(search_key(&long).len() <= MAX_SEARCH);
        assert!(search_key(&long).starts_with("صلى"));
        assert_eq!(sort_key(&long).len(), 2 * MAX_SORT);
        assert_eq!(search_key(&"名".repeat(255)).chars().count(), 255);
    }

    #[test]
    fn names_sort_as_people_expect() {
        let mut names = [
            "zoo",
            "Ärzte",
            "Arzt",
            "arzt",
            "Zoo",
            "10",
            "2",
            "ö",
            "o",
            "_x",
            "a b",
            "ab",
            "Ωmega",
            "яблоко",
            "日本",
            "istanbul",
            "İstanbul",
            "ıstanbul",
        ];
        names.sort_by_key(|name| sort_key(name));
        let expected = [
            "_x",
            "10",
            "2",
            "a b",
            "ab",
            "arzt",
            "Arzt",
            "Ärzte",
            "istanbul",
            "İstanbul",
            "ıstanbul",
            "o",
            "ö",
            "zoo",
            "Zoo",
            "Ωmega",
            "яблоко",
            "日本",
        ];
        assert_eq!(names, expected);
    }
}
