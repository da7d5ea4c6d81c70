//! Which characters may stand in a line that people read.
//!
//! A character that can't be seen makes two names look alike, or a name look empty. Some of them are
//! part of a visible sequence: they join letters or emoji, choose a variant, or spell a flag. They are
//! allowed there, and nowhere else.

use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
    props::{
        BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier,
        ExtendedPictographic, GeneralCategory, Ideographic, JoiningType, Script, VariationSelector,
    },
};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const COMBINING_CLASS: CodePointMapDataBorrowed<'static, CanonicalCombiningClass> =
    CodePointMapData::new();
const JOINING_TYPE: CodePointMapDataBorrowed<'static, JoiningType> = CodePointMapData::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> =
    CodePointSetData::new::<DefaultIgnorableCodePoint>();
const BIDI_CONTROL: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<BidiControl>();
const VARIATION_SELECTOR: CodePointSetDataBorrowed<'static> =
    CodePointSetData::new::<VariationSelector>();
const PICTOGRAPH: CodePointSetDataBorrowed<'static> =
    CodePointSetData::new::<ExtendedPictographic>();
const EMOJI: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<Emoji>();
const IDEOGRAPHIC: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<Ideographic>();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();
const SKIN_TONE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<EmojiModifier>();

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';
const GRAPHEME_JOINER: char = '\u{34F}';
const BLACK_FLAG: char = '\u{1F3F4}';
/// Symbols and letters that are drawn as nothing: a Braille pattern, a note head, two hieroglyphs.
const BLANKS: [char; 4] = ['\u{2800}', '\u{1D159}', '\u{13441}', '\u{13442}'];
const CANCEL_TAG: char = '\u{E007F}';

/// Whether a composed line has a character that can be seen, and invisible ones only where they belong
/// to a visible sequence.
pub(super) fn is_legible(line: &str) -> bool {
    // Most lines are ASCII.
    if line.is_ascii() {
        let is_graphic = |byte: u8| byte.is_ascii_graphic();
        return line.bytes().any(is_graphic) && line.bytes().all(|it| is_graphic(it) || it == b' ');
    }
    let chars: Vec<char> = line.chars().collect();
    chars.iter().any(|&c| can_be_seen(c)) && (0..chars.len()).all(|at| belongs(&chars, at))
}

/// The line without a non-joiner at its end. Sorani and Persian keyboards leave one behind a word, where
/// it is not drawn and keeps nothing from joining.
pub(super) fn without_last_non_joiner(line: &str) -> &str {
    let Some(rest) = line.strip_suffix(NON_JOINER) else {
        return line;
    };
    let letters: Vec<char> = rest.chars().collect();
    let joins = letters
        .last()
        .is_some_and(|&c| can_be_seen(c) || JOINING_TYPE.get(c) == JoiningType::Transparent);
    if joins && joins_letters(&letters) {
        rest
    } else {
        line
    }
}

/// Whether it is drawn without another character: no mark, space or format character.
fn can_be_seen(c: char) -> bool {
    use GeneralCategory as G;
    let is_drawn = !matches!(
        CATEGORY.get(c),
        G::Control
            | G::Format
            | G::Unassigned
            | G::PrivateUse
            | G::Surrogate
            | G::SpaceSeparator
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::NonspacingMark
            | G::SpacingMark
            | G::EnclosingMark
    );
    is_drawn && !IGNORABLE.contains(c) && !BLANKS.contains(&c)
}

/// Whether the character may stand at that place.
fn belongs(chars: &[char], at: usize) -> bool {
    let (before, c, after) = (&chars[..at], chars[at], &chars[at + 1..]);
    match CATEGORY.get(c) {
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => false,
        _ if BIDI_CONTROL.contains(c) => false,
        _ if c == JOINER => {
            joins_emoji(before, after) || joins_letters(before) || precedes_virama(before, after)
        }
        _ if c == GRAPHEME_JOINER => is_between_marks(before, after),
        _ if c == NON_JOINER => joins_letters(before) && after.iter().any(|&c| can_be_seen(c)),
        _ if VARIATION_SELECTOR.contains(c) => {
            before.last().is_some_and(|&base| has_variant(base, c))
        }
        _ if is_tag(c) || c == CANCEL_TAG => in_tag_sequence(before, c, after),
        // Interlinear annotations are format characters that change what is read.
        GeneralCategory::Format => !IGNORABLE.contains(c) && !matches!(c, '\u{FFF9}'..='\u{FFFB}'),
        _ => !IGNORABLE.contains(c),
    }
}

/// Between two pictographs, as in a family. The first one may have a variant or a skin tone.
fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let mut before = before.iter().rev();
    let first = before.find(|&&c| !VARIATION_SELECTOR.contains(c) && !SKIN_TONE.contains(c));
    let is_pictograph = |c: Option<&char>| c.is_some_and(|&c| PICTOGRAPH.contains(c));
    is_pictograph(first) && is_pictograph(after.first())
}

/// After a virama, or after a letter that joins to the next one, with marks between (RFC 5892,
/// appendix A).
fn joins_letters(before: &[char]) -> bool {
    let Some(&last) = before.last() else {
        return false;
    };
    if COMBINING_CLASS.get(last) == CanonicalCombiningClass::Virama {
        return true;
    }
    let mut letters = before.iter().rev();
    let letter = letters.find(|&&c| JOINING_TYPE.get(c) != JoiningType::Transparent);
    letter.is_some_and(|&c| {
        matches!(
            JOINING_TYPE.get(c),
            JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::RightJoining
        )
    })
}

/// After a letter and before a virama, as in Bengali and Kannada.
fn precedes_virama(before: &[char], after: &[char]) -> bool {
    let is_virama = |c: &char| COMBINING_CLASS.get(*c) == CanonicalCombiningClass::Virama;
    before.last().is_some_and(|&c| c.is_alphabetic()) && after.first().is_some_and(is_virama)
}

/// Between two marks on one letter, whose order it keeps, as in Hebrew.
fn is_between_marks(before: &[char], after: &[char]) -> bool {
    let is_mark = |c: Option<&char>| {
        c.is_some_and(|&c| COMBINING_CLASS.get(c) != CanonicalCombiningClass::NotReordered)
    };
    is_mark(before.last()) && is_mark(after.first())
}

/// Whether the selector can choose a variant of that character.
fn has_variant(base: char, selector: char) -> bool {
    match selector {
        // As text or as emoji.
        '\u{FE0E}' | '\u{FE0F}' => EMOJI.contains(base),
        '\u{E0100}'..='\u{E01EF}' => IDEOGRAPHIC.contains(base),
        '\u{180B}'..='\u{180F}' => SCRIPT.get(base) == Script::Mongolian,
        // Of mathematical signs, ideographs and letters of few scripts; never of these.
        _ => {
            let script = SCRIPT.get(base);
            let is_sign = CATEGORY.get(base) == GeneralCategory::MathSymbol;
            let has_none = [
                Script::Latin,
                Script::Greek,
                Script::Cyrillic,
                Script::Common,
                Script::Inherited,
            ];
            is_sign || !has_none.contains(&script)
        }
    }
}

const fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}')
}

/// After a black flag and other tags, up to the tag that ends the sequence: the flag of England.
fn in_tag_sequence(before: &[char], c: char, after: &[char]) -> bool {
    let tags = before.iter().rev().take_while(|&&c| is_tag(c)).count();
    let is_flag = before[..before.len() - tags].last() == Some(&BLACK_FLAG);
    let following = after.iter().take_while(|&&c| is_tag(c)).count();
    let (length, end) = if c == CANCEL_TAG {
        (tags, Some(&c))
    } else {
        (tags + 1 + following, after.get(following))
    };
    // The code of a subdivision, such as `gbeng`.
    is_flag && (3..=6).contains(&length) && end == Some(&CANCEL_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_visible_character_is_not_legible() {
        for bad in [
            "\u{200D}",
            "\u{200C}\u{200D}",
            "\u{FE0F}",
            "\u{2800}",
            "\u{3164}",
            "\u{FFA0}",
            "\u{115F}\u{1160}",
            "\u{301}",
            "\u{20E3}",
            "\u{A0}",
            "\u{3000}",
            "\u{E0067}\u{E007F}",
            "\u{E000}",
            "\u{378}",
            "\u{34F}",
            "\u{180B}",
            "\u{1D173}",
            "\u{1D159}",
            "\u{13441}",
            " ",
        ] {
            assert!(!is_legible(bad), "{bad:?}");
        }
    }

    #[test]
    fn an_invisible_character_within_a_word_is_not_legible() {
        for hidden in [
            "\u{200B}",
            "\u{200C}",
            "\u{200D}",
            "\u{AD}",
            "\u{2060}",
            "\u{FEFF}",
            "\u{34F}",
            "\u{200E}",
            "\u{200F}",
            "\u{61C}",
            "\u{202E}",
            "\u{2066}",
            "\u{2069}",
            "\u{206A}",
            "\u{E0061}",
            "\u{E007F}",
            "\u{E0001}",
            "\u{FFF9}",
            "\u{2028}",
            "\u{85}",
            "\u{180E}",
            "\u{1BCA0}",
            "\u{1D173}",
        ] {
            for bad in [
                format!("ad{hidden}a"),
                format!("Ä{hidden}"),
                format!("{hidden}名"),
            ] {
                assert!(!is_legible(&bad), "{bad:?}");
            }
        }
    }

    #[test]
    fn joiners_variants_and_tags_are_legible_in_a_visible_sequence() {
        for good in [
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "👩\u{200D}👩\u{200D}👧",
            "👩🏽\u{200D}🚀",
            "❤\u{FE0F}\u{200D}🔥",
            "☎\u{FE0E}",
            "1\u{FE0F}\u{20E3}",
            "🇩🇪",
            // Persian "I want", with a non-joiner.
            "می\u{200C}خواهم",
            // Sinhala "Sri".
            "ශ\u{0DCA}\u{200D}රී",
            "葛\u{E0100}城",
            "ᠮ\u{180B}",
            // Bengali "Randy", and Hebrew marks in a chosen order.
            "র\u{200D}্যান্ডি",
            "אַ\u{34F}ָ",
            "≨\u{FE00}",
            "Zoë",
            "नमस्ते",
        ] {
            assert!(is_legible(good), "{good:?}");
        }
    }

    #[test]
    fn part_of_a_sequence_is_not_legible() {
        for bad in [
            "🏴\u{E0067}\u{E0062}",
            "🏴\u{E007F}",
            "a\u{E0067}\u{E007F}",
            "👩\u{200D}",
            "\u{200D}👩",
            "👩\u{200D}a",
            "می\u{200C}",
            " \u{FE0F}a",
            "a\u{FE0F}\u{FE0F}",
            "A\u{FE0F}cme",
            "A\u{E0101}c\u{E0102}",
            "A\u{FE00}",
            "😀\u{E0069}\u{E0067}\u{E006E}\u{E007F}",
            "a\u{FE0F}\u{E0069}\u{E0067}\u{E006E}\u{E007F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E0067}\u{E0067}\u{E007F}",
        ] {
            assert!(!is_legible(bad), "{bad:?}");
        }
    }
}
