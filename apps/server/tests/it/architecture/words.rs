//! Prose names its subject: sources and documentation are free of words that make a reader guess
//! who is meant.

use std::{fs, path::Path};

use super::workspace::root;

/// A word, and what to write instead.
const BANNED: [(&str, &str); 21] = [
    ("he", SUBJECT),
    ("his", SUBJECT),
    ("him", SUBJECT),
    ("himself", SUBJECT),
    ("whoever", SUBJECT),
    ("whom", SUBJECT),
    ("whomever", SUBJECT),
    ("somebody", SUBJECT),
    ("nobody", SUBJECT),
    ("anybody", SUBJECT),
    ("everybody", SUBJECT),
    ("in vain", "say that it failed, and how"),
    ("apart", "say what is separate from what"),
    ("lent", "write `pooled` or `acquired`"),
    ("lend", "write `acquire`"),
    ("lender", "write `pool`"),
    ("heard", "write `received`"),
    ("hear", "write `receive`"),
    ("hears", "write `receives`"),
    ("told", "write `notified`, `sent` or `configured`"),
    ("wholly", "write `completely`"),
];

const SUBJECT: &str = "name the subject: the caller, the client, the user, the worker";

/// The places of banned words in a text: `path:line: word: advice`.
fn banned_in(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.to_lowercase();
        for (word, advice) in BANNED {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let stands_alone = |(at, _): (usize, &str)| {
                let (before, behind) = (&line[..at], &line[at + word.len()..]);
                // A quoted word is a value, such as the name of an account.
                let is_quoted = before.ends_with('"') && behind.starts_with('"');
                let is_part =
                    is_letter(before.chars().next_back()) || is_letter(behind.chars().next());
                !is_part && !is_quoted
            };
            if line.match_indices(word).any(stands_alone) {
                found.push(format!("{path}:{number}: `{word}`: {advice}"));
            }
        }
    }
    found
}

/// Sources and documentation under a folder.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs" || it == "md") {
            let text = fs::read_to_string(&path).expect("text");
            let name = path.strip_prefix(root()).expect("a file of ours");
            found.push((name.display().to_string(), text));
        }
    }
}

#[test]
fn sources_and_documentation_name_their_subjects() {
    let mut all = Vec::new();
    for folder in ["crates", "apps"] {
        for package in fs::read_dir(root().join(folder)).expect("a folder of ours") {
            let source = package.expect("an entry").path().join("src");
            if source.is_dir() {
                texts(&source, &mut all);
            }
        }
    }
    texts(&root().join("migrations/src"), &mut all);
    texts(&root().join("docs"), &mut all);
    assert!(all.len() > 300, "{} files were read", all.len());
    let found: Vec<_> = all
        .iter()
        .flat_map(|(path, text)| banned_in(path, text))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn each_banned_word_is_found_in_comments_code_and_documentation() {
    for (word, _) in BANNED {
        for text in [
            format!("/// Where {word} is."),
            format!("fn {}() {{}}", word.replace(' ', "_")),
            format!("> {}.", word.to_uppercase()),
        ] {
            let found = banned_in("planted.rs", &text);
            let is_name = text.starts_with("fn") && word.contains(' ');
            assert_eq!(found.len(), usize::from(!is_name), "{text}: {found:?}");
        }
    }
}

#[test]
fn parts_of_other_words_are_not_found() {
    let text =
        "The cache tells this whole history: hearing, apartment, white, the account \"nobody\".";
    assert_eq!(banned_in("planted.rs", text), Vec::<String>::new());
}
