//! E-mail addresses, in one spelling.

use tenantry_core::value::InvalidText;

/// RFC 5321, section 4.5.3.1: the longest path, less its two brackets.
const MAX: usize = 254;
const LOCAL_MAX: usize = 64;
const LABEL_MAX: usize = 63;
const RULE: &str =
    "must be an e-mail address such as ada@example.com, in ASCII and at most 254 characters";

tenantry_core::text_value!(
    /// An e-mail address: trimmed, ASCII, in lower case, at most 254 characters.
    ///
    /// The whole address is lowercased, because `Ada@` and `ada@` are the same person in practice.
    /// Only ASCII, because two addresses that look alike must be the same account.
    Email,
    parse,
    { "format": "email", "maxLength": MAX, "description": RULE }
);

fn parse(text: &str) -> Result<String, InvalidText> {
    let email = text.trim().to_ascii_lowercase();
    if is_address(&email) {
        Ok(email)
    } else {
        Err(InvalidText(RULE))
    }
}

/// Quoted local parts and bracketed domains are valid to the RFC, and unused in practice.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= MAX && is_local(local) && is_domain(domain)
}

fn is_local(local: &str) -> bool {
    // RFC 5322, section 3.2.3: atoms, with single dots between them.
    let is_atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.len() <= LOCAL_MAX
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            // RFC 5890, section 2.3.2.1: an internationalized label in disguise.
            && !label.starts_with("xn--")
            && !label.ends_with('-')
    };
    let ends_in_a_number = |label: &str| label.bytes().all(|c| c.is_ascii_digit());
    domain.contains('.')
        && domain.split('.').all(is_label)
        && !domain.rsplit('.').next().is_some_and(ends_in_a_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_normalized() {
        let email: Email = "  Ada.Lovelace@Example.COM\n".parse().expect("valid");
        assert_eq!(email.as_str(), "ada.lovelace@example.com");
    }

    #[test]
    fn ordinary_addresses_are_accepted() {
        for good in [
            "a@b.co",
            "ada+tag@mail.example.co.uk",
            "o'neill@example.com",
            "_x_@x-y.example",
            &format!("{}@example.com", "l".repeat(64)),
        ] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
    }

    #[test]
    fn invalid_and_confusable_addresses_are_rejected() {
        let long_domain = format!("a@{}com", "label.".repeat(50));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@@example.com",
            "ada@example.com@evil.example",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "a da@example.com",
            "\"ada\"@example.com",
            "ada@exam_ple.com",
            "ada@-example.com",
            "ada@example-.com",
            "ada@example..com",
            "ada@example.com.",
            "ada@[127.0.0.1]",
            "ada@xn--bcher-kva.example",
            "ada@127.0.0.1",
            "ada@example.com\0",
            "a\nda@example.com",
            "аda@example.com",
            "ada@exämple.com",
            "<ada@example.com>",
            "ada@example.com, bob@example.com",
            &format!("{}@example.com", "l".repeat(65)),
            &format!("ada@{}.com", "l".repeat(64)),
            &long_domain,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }
}
