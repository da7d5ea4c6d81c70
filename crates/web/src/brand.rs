//! The product's name and colour, which a deployment sets.

use std::{fmt, str::FromStr};

use tenantry_core::value::{InvalidText, Name};

/// The name and the colour of the pages.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The product's name.
    pub name: Name,
    /// Its colour.
    pub accent: Accent,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Tenantry".parse().expect("a valid name"),
            accent: Accent::default(),
        }
    }
}

/// A colour as `#rrggbb`. Links and buttons have it, so it must be dark enough for white text on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

impl Default for Accent {
    fn default() -> Self {
        Self([0x1f, 0x5f, 0xbf])
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The contrast to white that text needs (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

impl FromStr for Accent {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        const FORM: InvalidText = InvalidText("must be a colour such as #1f5fbf");
        let digits = text.strip_prefix('#').ok_or(FORM)?;
        let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        let [_, red, green, blue] = number.ok_or(FORM)?.to_be_bytes();
        let accent = Self([red, green, blue]);
        if accent.contrast_to_white() < LEAST_CONTRAST {
            return Err(InvalidText(
                "must be darker: white text on it would be hard to read",
            ));
        }
        Ok(accent)
    }
}

impl Accent {
    /// The contrast ratio of WCAG 2.2.
    fn contrast_to_white(self) -> f64 {
        let linear = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        let [red, green, blue] = linear;
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        1.05 / (luminance + 0.05)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_is_a_colour_on_which_white_text_can_be_read() {
        for good in ["#1f5fbf", "#000000", "#B00020"] {
            let read = good.parse::<Accent>().expect(good);
            assert_eq!(read.to_string(), good.to_ascii_lowercase());
        }
        assert!(Accent::default().contrast_to_white() >= LEAST_CONTRAST);
        for bad in [
            "", "blue", "#fff", "1f5fbf", "#1f5fbg", "#+f5fbf", "#ffff00", "#1f5fbf;",
        ] {
            assert!(bad.parse::<Accent>().is_err(), "{bad}");
        }
    }
}
