//! The files that pages load. Their names hold a digest of the content, so browsers keep them.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::LazyLock,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{StatusCode, header},
};
use sha2::{Digest as _, Sha256};
use tenantry_http::{
    Problem,
    openapi::{DescribeInput, DescribeOutput, Operation},
};

/// The names of the files, for templates.
#[derive(Debug)]
pub(crate) struct Assets {
    pub(crate) style: File,
    pub(crate) script: File,
    pub(crate) passkeys: File,
    pub(crate) icon: File,
}

/// A file with its name.
#[derive(Debug)]
pub(crate) struct File {
    name: String,
    media_type: &'static str,
    content: &'static str,
}

impl File {
    fn new(stem: &str, ending: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content);
        let digest: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            name: format!("{stem}-{digest}.{ending}"),
            media_type,
            content,
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: File::new(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_str!("../assets/style.css"),
    ),
    script: File::new(
        "script",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/script.js"),
    ),
    passkeys: File::new(
        "passkeys",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/passkeys.js"),
    ),
    icon: File::new(
        "icon",
        "svg",
        "image/svg+xml",
        include_str!("../assets/icon.svg"),
    ),
});

/// A file, or the accent of the brand, as a response.
pub(crate) struct Asset {
    media_type: &'static str,
    content: String,
}

impl Responder for Asset {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::build(StatusCode::OK)
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(self.content)
    }
}

/// The address of the style sheet that sets the colour.
pub(crate) fn accent_path(accent: crate::Accent) -> String {
    format!(
        "/assets/accent-{}.css",
        accent.to_string().trim_start_matches('#')
    )
}

impl DescribeOutput for Asset {
    fn describe(_: &mut Operation<'_>) {}
}

/// The name of a file, in a path.
pub(crate) struct FileName(String);

impl FromRequest for FileName {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.match_info().get("name").unwrap_or_default();
        ready(Ok(Self(name.to_owned())))
    }
}

impl DescribeInput for FileName {
    fn describe(_: &mut Operation<'_>) {}
}

/// `GET /assets/{name}`.
pub(crate) async fn serve(FileName(name): FileName) -> Result<Asset, Problem> {
    let files = [
        &ASSETS.style,
        &ASSETS.script,
        &ASSETS.passkeys,
        &ASSETS.icon,
    ];
    if let Some(file) = files.into_iter().find(|file| file.name == name) {
        return Ok(Asset {
            media_type: file.media_type,
            content: file.content.to_owned(),
        });
    }
    let accent = name
        .strip_prefix("accent-")
        .and_then(|rest| rest.strip_suffix(".css"));
    let accent = accent.and_then(|digits| format!("#{digits}").parse::<crate::Accent>().ok());
    let accent = accent.ok_or_else(|| Problem::from_status(StatusCode::NOT_FOUND))?;
    Ok(Asset {
        media_type: "text/css; charset=utf-8",
        content: format!(":root{{--accent:{accent}}}"),
    })
}
