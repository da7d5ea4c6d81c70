//! Where mails go, and who sends them.

use tenantry_mail::{MailUrl, Sender};

use super::{
    catalog::{MAIL_FROM, MAIL_URL},
    reader::SettingsReader,
};

/// Mails.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Where they go.
    pub url: MailUrl,
    /// Who sends them.
    pub from: Sender,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<MailSettings> {
    let url = reader.secret(&MAIL_URL, |text| {
        text.parse::<MailUrl>().map_err(|error| error.to_string())
    });
    let from = reader.optional(&MAIL_FROM, str::parse::<Sender>);
    let (url, from) = (url?.unwrap_or_default(), from?);
    if url.needs_sender() && from.is_none() {
        reader.error(&MAIL_FROM, "is required with a mail server");
        return None;
    }
    Some(MailSettings {
        url,
        from: from.unwrap_or_default(),
    })
}
