//! Where a person goes after signing in.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays readable in a query parameter.
const PARAMETER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'/');

/// A path of this server, with a query or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next(String);

impl Next {
    /// The path, if it can be a page and a browser would stay on this server: it reads `//host` and
    /// `/\host` as another one, and drops tabs and line breaks before it looks.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let is_page = !rest.starts_with("api/") && rest != "logout";
        let is_own = is_plain && is_page && !rest.starts_with('/');
        is_own.then(|| Self(text.to_owned()))
    }

    /// The page of a form, by its whole address: without the message of an earlier form.
    pub(crate) fn of_page(address: &str) -> Option<Self> {
        let (_, rest) = address.split_once("://")?;
        let (_, rest) = rest.split_once('/')?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let kept = query.split('&');
        let kept: Vec<_> = kept
            .filter(|pair| !pair.is_empty() && !pair.starts_with("done="))
            .collect();
        let mark = if kept.is_empty() { "" } else { "?" };
        Self::of(&format!("/{path}{mark}{}", kept.join("&")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of the login page that leads here.
    pub(crate) fn login(&self) -> String {
        format!("/login?next={}", self.encoded())
    }

    /// The address of the page that asks for the code of a login, and leads here.
    pub(crate) fn login_code(&self) -> String {
        format!("/login/code?next={}", self.encoded())
    }

    /// The address of the page that checks the second factor again, and leads here.
    pub(crate) fn verify(&self) -> String {
        format!("/account/verify?next={}", self.encoded())
    }

    /// For a query string.
    pub(crate) fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, PARAMETER).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_server_is_a_next_page() {
        for good in ["/", "/o/acme/projects?q=a%20b&sort=name", "/o/acme#x"] {
            assert_eq!(Next::of(good).map(|next| next.0).as_deref(), Some(good));
        }
        for bad in [
            "",
            "o/acme",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " /o",
            "/a b",
            "/ä",
            "/logout",
            "/api/projects",
        ] {
            assert_eq!(Next::of(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_page_of_a_form_is_found_by_its_whole_address() {
        for (address, page) in [
            (
                "https://tenantry.example/account/email",
                Some("/account/email"),
            ),
            (
                "http://127.0.0.1:8000/o/acme/projects?q=a&done=project-created&sort=name",
                Some("/o/acme/projects?q=a&sort=name"),
            ),
            (
                "https://tenantry.example/account?done=left",
                Some("/account"),
            ),
            ("https://tenantry.example//evil.example/", None),
            ("https://tenantry.example/api/projects", None),
            ("https://tenantry.example", None),
            ("about:blank", None),
            ("", None),
        ] {
            let found = Next::of_page(address);
            assert_eq!(found.as_ref().map(Next::as_str), page, "{address}");
        }
    }

    #[test]
    fn the_address_of_the_login_page_keeps_the_query() {
        let next = Next::of("/o/acme/projects?q=a&sort=name").expect("a path");
        assert_eq!(
            next.login(),
            "/login?next=/o/acme/projects%3Fq%3Da%26sort%3Dname"
        );
    }
}
