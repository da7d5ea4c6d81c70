//! The grammar of `Forwarded` (RFC 7239, section 4) and of `X-Forwarded-For`, which has no standard.

use std::net::{IpAddr, SocketAddr};

/// The addresses in a value of `Forwarded`, in its order; `None` for an element without one. A value
/// that breaks the grammar is one such element: where its elements end is anyone's guess.
pub(super) fn forwarded(value: &str) -> Vec<Option<IpAddr>> {
    let elements = split(value, ',');
    let elements = elements.and_then(|elements| {
        let hops = elements.into_iter().map(element);
        hops.collect::<Option<Vec<_>>>()
    });
    elements.unwrap_or_else(|| vec![None])
}

/// The same of a value of `X-Forwarded-For`.
pub(super) fn x_forwarded_for(value: &str) -> Vec<Option<IpAddr>> {
    let elements = value.split(',').map(str::trim);
    let elements = elements.filter(|element| !element.is_empty());
    elements.map(|element| node(&unquoted(element)?)).collect()
}

/// The address of the one `for` of an element; the outer `None` if it is malformed.
fn element(text: &str) -> Option<Option<IpAddr>> {
    let mut address = None;
    let mut is_found = false;
    for pair in split(text, ';')? {
        let (name, value) = pair.split_once('=')?;
        let value = unquoted(value.trim())?;
        if name.trim().eq_ignore_ascii_case("for") {
            if is_found {
                return None;
            }
            is_found = true;
            address = node(&value);
        }
    }
    Some(address)
}

/// The parts of a list, without the empty ones, which recipients must ignore (RFC 9110, section
/// 5.6.1). A separator within a quoted string separates nothing. `None` if a string has no end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (position, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.push(&text[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    let parts = parts.into_iter().map(str::trim);
    (!is_quoted).then(|| parts.filter(|part| !part.is_empty()).collect())
}

/// A token, or the content of a quoted string; `None` if quotes are elsewhere. Proxies also leave
/// out the quotes that an address with a colon needs.
fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else {
        return (!text.contains('"')).then(|| text.to_owned());
    };
    let mut content = String::new();
    let mut characters = rest.strip_suffix('"')?.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => content.push(characters.next()?),
            '"' => return None,
            _ => content.push(character),
        }
    }
    Some(content)
}

/// The address of a node (section 6): with or without a port, which may be a name that starts with
/// an underscore, and IPv6 with or without brackets. `unknown` and other names have none.
fn node(text: &str) -> Option<IpAddr> {
    let bare = match text.rsplit_once(":_") {
        Some((bare, _)) => bare,
        None => text,
    };
    let inner = bare
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = inner.unwrap_or(bare).parse::<IpAddr>().ok();
    address.or_else(|| Some(bare.parse::<SocketAddr>().ok()?.ip()))
}
