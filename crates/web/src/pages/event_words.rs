//! The events of the log, in words.

/// What happened, made of the event's wire name: `organizations.member_added` is "Member added".
pub(crate) fn event_words(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_shown_in_words() {
        assert_eq!(event_words("organizations.member_added"), "Member added");
        assert_eq!(event_words(""), "");
    }
}
