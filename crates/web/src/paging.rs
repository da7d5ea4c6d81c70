//! The links between the pages of a list.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tenantry_core::page::PageRequest;

/// The links of a page of a list. They keep its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The address of the first page, unless this is it.
    pub(crate) first: Option<String>,
    /// The address of the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl Paging {
    /// The links of the page that was requested. Empty filters are left out.
    pub(crate) fn new(
        path: &str,
        filters: &[(&str, &str)],
        request: &PageRequest,
        next_cursor: Option<&str>,
    ) -> Self {
        let address = |cursor: Option<&str>| {
            let cursor = cursor.map(|cursor| ("cursor", cursor));
            let parameters: Vec<_> = filters.iter().copied().chain(cursor).collect();
            address(path, &parameters)
        };
        Self {
            first: request.cursor.is_some().then(|| address(None)),
            next: next_cursor.map(|cursor| address(Some(cursor))),
        }
    }

    pub(crate) const fn is_first(&self) -> bool {
        self.first.is_none()
    }
}

/// The path with these parameters; empty ones are left out.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let parameters = parameters.iter().filter(|(_, value)| !value.is_empty());
    let parameters = parameters
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let query = parameters.collect::<Vec<_>>().join("&");
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_pages_keep_the_filters() {
        let filters = [("q", "a b&c"), ("status", "")];
        let first = Paging::new("/list", &filters, &PageRequest::default(), Some("x.y"));
        assert!(first.is_first());
        assert_eq!(
            first.next.as_deref(),
            Some("/list?q=a%20b%26c&cursor=x%2Ey")
        );
        let request = PageRequest {
            cursor: Some("x.y".to_owned()),
            ..PageRequest::default()
        };
        let last = Paging::new("/list", &[], &request, None);
        assert_eq!((last.first.as_deref(), last.next), (Some("/list"), None));
    }
}
