//! What the browser collected: which ceremony, which challenge, which page.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{CeremonyError, Expected};

/// The kinds of ceremonies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

/// The members that are verified. There may be more in the future (section 5.8.1).
#[derive(Debug, Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin")]
    top_origin: Option<String>,
}

fn read(json: &[u8]) -> Result<ClientData, CeremonyError> {
    // A mark of the byte order is no part of the text (section 7.1, step 5).
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    serde_json::from_slice(json).map_err(|_| CeremonyError::ClientData)
}

/// The challenge that the browser had signed, before anything is known of it.
pub(crate) fn challenge(json: &[u8]) -> Result<Vec<u8>, CeremonyError> {
    let encoded = read(json)?.challenge;
    URL_SAFE_NO_PAD
        .decode(encoded)
        .map_err(|_| CeremonyError::Challenge)
}

/// Sections 7.1, steps 7 to 11, and 7.2, steps 10 to 14.
pub(super) fn verify(
    json: &[u8],
    ceremony: Ceremony,
    expected: &Expected<'_>,
) -> Result<(), CeremonyError> {
    let data = read(json)?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if data.kind != kind {
        return Err(CeremonyError::Type);
    }
    if data.challenge != URL_SAFE_NO_PAD.encode(expected.challenge) {
        return Err(CeremonyError::Challenge);
    }
    if data.origin != expected.origin {
        return Err(CeremonyError::Origin);
    }
    // No page of the server is meant to be in a frame.
    if data.cross_origin || data.top_origin.is_some() {
        return Err(CeremonyError::CrossOrigin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const EXPECTED: Expected<'_> = Expected {
        challenge: b"a challenge",
        origin: "https://tenantry.example",
        rp_id: "tenantry.example",
    };

    fn good() -> Value {
        json!({
            "type": "webauthn.get",
            "challenge": URL_SAFE_NO_PAD.encode(EXPECTED.challenge),
            "origin": EXPECTED.origin,
            "crossOrigin": false,
        })
    }

    fn verified(data: &Value) -> Result<(), CeremonyError> {
        verify(data.to_string().as_bytes(), Ceremony::Get, &EXPECTED)
    }

    fn with(name: &str, value: Value) -> Result<(), CeremonyError> {
        let mut data = good();
        data[name] = value;
        verified(&data)
    }

    #[test]
    fn the_expected_data_passes_with_members_of_the_future_and_a_byte_order_mark() {
        assert_eq!(verified(&good()), Ok(()));
        assert_eq!(with("extraData", json!({"a": [1]})), Ok(()));
        let marked = format!("\u{feff}{}", good());
        assert_eq!(verify(marked.as_bytes(), Ceremony::Get, &EXPECTED), Ok(()));
    }

    #[test]
    fn another_ceremony_is_refused() {
        assert_eq!(
            with("type", json!("webauthn.create")),
            Err(CeremonyError::Type)
        );
        assert_eq!(with("type", json!("payment.get")), Err(CeremonyError::Type));
    }

    #[test]
    fn another_challenge_is_refused() {
        for other in ["", "b3RoZXI", "YSBjaGFsbGVuZ2U=", "YSBjaGFsbGVuZ2V4"] {
            assert_eq!(
                with("challenge", json!(other)),
                Err(CeremonyError::Challenge),
                "{other}"
            );
        }
    }

    #[test]
    fn another_origin_is_refused() {
        for other in [
            "http://tenantry.example",
            "https://tenantry.example:8443",
            "https://tenantry.example/",
            "https://app.tenantry.example",
            "https://tenantry.example.evil.example",
            "null",
            "",
        ] {
            assert_eq!(
                with("origin", json!(other)),
                Err(CeremonyError::Origin),
                "{other}"
            );
        }
    }

    #[test]
    fn a_page_in_a_frame_of_another_site_is_refused() {
        assert_eq!(
            with("crossOrigin", json!(true)),
            Err(CeremonyError::CrossOrigin)
        );
        assert_eq!(
            with("topOrigin", json!("https://evil.example")),
            Err(CeremonyError::CrossOrigin)
        );
    }

    #[test]
    fn what_is_no_client_data_is_refused() {
        let twice = r#"{"type":"webauthn.get","type":"webauthn.get","challenge":"","origin":""}"#;
        for bad in ["", "{}", "null", "[]", "{\"type\":1}", twice, "{"] {
            let refused = verify(bad.as_bytes(), Ceremony::Get, &EXPECTED);
            assert_eq!(refused, Err(CeremonyError::ClientData), "{bad}");
            assert!(challenge(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_challenge_is_found() {
        let found = challenge(good().to_string().as_bytes());
        assert_eq!(found.as_deref(), Ok(EXPECTED.challenge));
    }
}
