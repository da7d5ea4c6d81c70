//! QR codes.

use qrcode::{EcLevel, QrCode, render::svg::Color};

/// The size of a module, in pixels; the drawing can be scaled.
const MODULE: u32 = 4;

/// The text as a QR code, drawn as SVG, dark on light in every colour scheme: some cameras read nothing
/// else.
pub(super) fn svg(text: &str) -> String {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .expect("the texts of this program are much shorter than the maximum");
    code.render()
        .module_dimensions(MODULE, MODULE)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_without_styles_and_scripts() {
        let drawn = svg("otpauth://totp/Tenantry:ada%40example.com?secret=GEZDGNBVGY3TQOJQ");
        assert!(drawn.contains("<svg"), "{drawn}");
        assert!(
            !drawn.contains("style") && !drawn.contains("script"),
            "{drawn}"
        );
    }
}
