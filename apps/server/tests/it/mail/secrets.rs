//! No secret of a mailed link is stored: not in a table, which includes the queue and the events, and
//! not in the log at any level.

use std::{env, fs, path::Path};

use serde_json::json;
use tenantry_testkit::{Mailbox, each_database};
use tenantry_users::SessionDigest;

use super::setup::{NEW_ADDRESS, RESET, VERIFICATION, forgot, reset, verify};
use crate::{
    http::support::{Tables, settled},
    support::{Program, ServerProcess},
};

const PASSWORD: &str = "correct horse battery";

each_database! {
    async fn no_secret_of_a_mailed_link_is_in_the_database_or_the_log(database: TestDatabase) {
        let name = format!("mail-{}-{:?}", std::process::id(), database.backend());
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"));
        let folder = env::temp_dir().join(&name);
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__MAIL__URL", &format!("file://{}", folder.display()))
            .with("RUST_LOG", "trace")
            .logging_to(&log);
        let server = ServerProcess::start(&program, "saas");
        let mails = Mailbox::of(&folder);
        let client = server.client();
        let account = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
        client.post("/api/auth/signup", account).send().await.expect(201);
        let mut secrets = Vec::new();
        for count in 1..=2 {
            forgot(&client, "ada@example.com").await.expect(202);
            secrets.push(mails.secret("ada@example.com", RESET, count).await);
        }
        let request = client.raw("POST", "/api/auth/email/verification");
        request.send().await.expect(202);
        secrets.push(mails.secret("ada@example.com", VERIFICATION, 1).await);
        let change = json!({"email": "new@example.com", "current_password": PASSWORD});
        client.post("/api/auth/email", change).send().await.expect(202);
        secrets.push(mails.secret("new@example.com", NEW_ADDRESS, 1).await);
        verify(&client, &secrets[2]).await.expect(204);
        settled(&database).await;
        let tables = Tables::of(&database).await;
        // The newest link is stored as a digest, so the search covers the right places.
        let digest = SessionDigest::of(&secrets[1]);
        assert!(tables.contains_text(digest.as_str()), "the link was not stored");
        reset(&client, &secrets[1], PASSWORD).await.expect(204);
        let later = Tables::of(&database).await;
        drop(server);

        let logged = fs::read_to_string(&log).expect("a log");
        fs::remove_file(&log).expect("just read");
        fs::remove_dir_all(&folder).expect("just read");
        assert!(logged.contains("\"TRACE\""), "the log has no TRACE lines");
        assert!(logged.contains("account_links"), "the log has no statement on links");
        for secret in &secrets {
            // With and without its prefix.
            let bits = secret.trim_start_matches("tntl_");
            for tables in [&tables, &later] {
                assert!(!tables.contains_text(bits), "a table holds a secret");
            }
            assert!(!logged.contains(bits), "the log holds a secret");
        }
    }
}
