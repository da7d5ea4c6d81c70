//! Searching, filtering and sorting.

use chrono::TimeDelta;
use tenantry_projects::{ProjectQuery, ProjectSort, ProjectStatus};
use tenantry_testkit::each_database;

use crate::stage::{Stage, moving, renaming};

fn searching(text: &str) -> ProjectQuery {
    ProjectQuery {
        search: Some(text.to_owned()),
        sort: ProjectSort::Name,
        ..Default::default()
    }
}

fn by_name() -> ProjectQuery {
    ProjectQuery {
        sort: ProjectSort::Name,
        ..Default::default()
    }
}

each_database! {
    async fn a_search_takes_no_notice_of_case(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for name in ["Apollo", "apollo 11", "ÄPFEL", "Gemini"] {
            stage.create(&stage.member, name).await;
        }
        for text in ["apollo", "APOLLO", "ApOl", "pollo"] {
            assert_eq!(stage.names(&searching(text)).await, ["Apollo", "apollo 11"], "{text}");
        }
        for text in ["äpfel", "Äpf", "ÄPFEL"] {
            assert_eq!(stage.names(&searching(text)).await, ["ÄPFEL"], "{text}");
        }
    }

    async fn a_search_takes_every_sign_for_itself(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for name in ["100 %", "100 x", "a_b", "axb", r"a\b"] {
            stage.create(&stage.member, name).await;
        }
        let cases: [(&str, &[&str]); 6] = [
            ("%", &["100 %"]),
            ("_", &["a_b"]),
            (r"\", &[r"a\b"]),
            ("a_b", &["a_b"]),
            ("%%", &[]),
            ("a%b", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(stage.names(&searching(text)).await, expected, "{text}");
        }
    }

    async fn a_search_follows_a_renaming(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let apollo = stage.create(&stage.member, "Apollo").await.id;
        stage.create(&stage.member, "Gemini").await;
        stage.update(apollo, renaming("Mercury")).await.expect("updated");
        assert_eq!(stage.names(&searching("apollo")).await, [""; 0]);
        assert_eq!(stage.names(&searching("MERCURY")).await, ["Mercury"]);
        assert_eq!(stage.names(&by_name()).await, ["Gemini", "Mercury"]);
        let keys = stage.world.raw.query("SELECT name_key FROM projects ORDER BY name_key").await;
        let keys: Vec<_> = keys.iter().map(|row| &row["name_key"]).collect();
        assert_eq!(keys, ["gemini", "mercury"]);
    }

    async fn a_change_of_anything_else_leaves_the_name_findable(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let apollo = stage.create(&stage.member, "Apollo").await.id;
        stage.update(apollo, moving(ProjectStatus::Active)).await.expect("updated");
        assert_eq!(stage.names(&searching("apollo")).await, ["Apollo"]);
    }

    async fn a_filter_finds_one_status(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for (name, status) in [
            ("Apollo", ProjectStatus::Active),
            ("Gemini", ProjectStatus::Archived),
            ("Mercury", ProjectStatus::Active),
            ("Soyuz", ProjectStatus::Draft),
        ] {
            let id = stage.create(&stage.member, name).await.id;
            stage.update(id, moving(status)).await.expect("updated");
        }
        let with = |status| ProjectQuery { status: Some(status), ..by_name() };
        assert_eq!(stage.names(&with(ProjectStatus::Active)).await, ["Apollo", "Mercury"]);
        assert_eq!(stage.names(&with(ProjectStatus::Archived)).await, ["Gemini"]);
        assert_eq!(stage.names(&with(ProjectStatus::Draft)).await, ["Soyuz"]);
        let both = ProjectQuery { search: Some("MERC".into()), ..with(ProjectStatus::Active) };
        assert_eq!(stage.names(&both).await, ["Mercury"]);
        let neither = ProjectQuery { search: Some("gemini".into()), ..with(ProjectStatus::Active) };
        assert_eq!(stage.names(&neither).await, [""; 0]);
    }

    async fn names_are_sorted_alike_on_both_databases(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for name in ["b", "C", "a", "Z", "ä", "10", "9", "a b", "A c", "_", "é"] {
            stage.create(&stage.member, name).await;
        }
        assert_eq!(
            stage.names(&by_name()).await,
            ["10", "9", "_", "a", "a b", "A c", "b", "C", "Z", "ä", "é"]
        );
    }

    async fn the_newest_comes_first(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for name in ["First", "Second", "Third"] {
            stage.create(&stage.member, name).await;
            stage.world.clock.advance(TimeDelta::microseconds(1));
        }
        assert_eq!(stage.names(&ProjectQuery::default()).await, ["Third", "Second", "First"]);
    }
}
