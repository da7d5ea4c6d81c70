//! The connection to Postgres: encrypted and verified as its URL requires.

use std::{sync::Arc, time::Duration};

use tenantry_core::{
    db::{CursorKey, Database, DatabaseOptions, DbError},
    runtime::Runtime,
};
use tenantry_testkit::{Backend, RecordingBus, TestDatabase, run};

/// Whether the connection is encrypted with these parameters in the URL.
async fn encrypted(db: &TestDatabase, parameters: &str) -> Result<bool, DbError> {
    let (address, _) = db.url().split_once('?').expect("with parameters");
    let options = DatabaseOptions {
        url: format!("{address}?{parameters}"),
        connections: 1,
        acquire_timeout: Duration::from_secs(5),
        waits: tenantry_testkit::LONG_WAITS,
        cursor_key: CursorKey::derive(b"key"),
    };
    let bus = Arc::new(RecordingBus::default());
    let database = Database::open(options, Runtime::system(), bus)
        .await?
        .database;
    let about = database.server_info().await?;
    database.close().await;
    Ok(about.encrypted.expect("Postgres is reached over a network"))
}

#[test]
fn a_connection_is_encrypted_if_the_url_requires_it() {
    run(Backend::Postgres, async |db| {
        assert!(!encrypted(&db, "sslmode=disable").await.expect("opens"));
        assert!(encrypted(&db, "sslmode=require").await.expect("opens"));
    });
}

#[test]
fn an_untrusted_certificate_is_rejected_if_the_url_requires_verification() {
    run(Backend::Postgres, async |db| {
        let refused = encrypted(&db, "sslmode=verify-full").await;
        assert!(
            matches!(refused, Err(DbError::Unavailable(_))),
            "{refused:?}"
        );

        let certificate = db.certificate().expect("it has one").display().to_string();
        let trusting = format!("sslmode=verify-full&sslrootcert={certificate}");
        assert!(encrypted(&db, &trusting).await.expect("opens"));
    });
}
