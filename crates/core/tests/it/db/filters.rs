//! No filter bypasses the scope.

use std::collections::HashSet;

use tenantry_core::db::{ColumnFilter as _, Filter};
use tenantry_testkit::{each_database, statements};

use super::{
    library::{Library, id, numbers},
    tables::book::{Column, Entity},
};

/// Filters that hold for every book of every organization.
fn always() -> Vec<Filter> {
    let every = || Column::Pages.gt(0);
    let never = || Column::Pages.lt(0);
    vec![
        every(),
        Filter::any([every(), never()]),
        Filter::any([never(), every()]),
        Filter::any([
            Filter::any([every(), never()]),
            Filter::all([every(), every()]),
        ]),
        Filter::all([Filter::any([every(), never()])]),
        never().not(),
        Filter::any([]).not(),
        every().not().not(),
        Filter::any([every(), never()]).not().not(),
        Filter::all([never(), never()]).not(),
        Column::Mark.is_in(["ours", "theirs"]),
        Column::Note.eq(None::<String>),
        Column::Title.contains("Book"),
        Column::Id.eq_column(Column::Id),
    ]
}

/// Filters that hold for no book.
fn never() -> Vec<Filter> {
    vec![
        Filter::any([]),
        Filter::all([]).not(),
        Filter::any([Filter::any([]), Filter::any([])]),
        Filter::all([Filter::any([]), Filter::all([])]),
        Column::Id.is_in(Vec::<tenantry_core::id::Uuid>::new()),
        Column::Note.ne(None::<String>),
        Column::Id.eq(id(1)).and(Column::Id.eq(id(2))),
        Filter::any(always()).not(),
    ]
}

each_database! {
    async fn lists_of_every_length_make_few_statements(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let mut texts = HashSet::new();
        for length in 0..=100 {
            let titles = (1..=length).map(|n| format!("Book {n}"));
            let find = rows.find::<Entity>().filter(Column::Title.is_in(titles));
            let (found, sent) = statements(find.all()).await;
            let expected = [1, 2, 3, 7].iter().filter(|number| **number <= length).count();
            assert_eq!(found.expect("read").len(), expected, "{length}");
            texts.extend(sent);
        }
        assert!(texts.len() <= 9, "{texts:#?}");
    }

    async fn a_filter_that_always_holds_finds_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        for filter in always() {
            let found = rows.find::<Entity>().filter(filter.clone()).all().await.expect("books");
            assert_eq!(numbers(&found), [1, 2, 3, 7], "{filter:?}");
            assert!(found.iter().all(|book| book.mark == "ours"), "{filter:?}");
        }
    }

    async fn a_filter_that_always_holds_updates_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for filter in always() {
            let changed = library.without_changing_theirs(library.write(async |rows| {
                rows.update::<Entity>().filter(filter.clone()).add(Column::Pages, 1).exec().await
            }));
            assert_eq!(changed.await.expect("written"), 4, "{filter:?}");
        }
    }

    async fn a_filter_that_always_holds_deletes_only_our_rows(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for filter in always() {
            let gone = library.without_changing_theirs(async {
                let mut work = library.world.database.begin(&library.ours);
                let rows = work.tenant(&library.ours).await.expect("rows");
                // Not committed: the next filter finds the books again.
                rows.delete::<Entity>().filter(filter.clone()).exec().await
            });
            assert_eq!(gone.await.expect("deleted"), 4, "{filter:?}");
        }
    }

    async fn a_filter_that_never_holds_finds_and_writes_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        for filter in never() {
            let touched = library.changing_nothing(library.write(async |rows| {
                let found = rows.find::<Entity>().filter(filter.clone()).count().await?;
                let update = rows.update::<Entity>().filter(filter.clone());
                let changed = update.set(Column::Title, "Changed").exec().await?;
                let gone = rows.delete::<Entity>().filter(filter.clone()).exec().await?;
                Ok((found, changed, gone))
            }));
            assert_eq!(touched.await.expect("an answer"), (0, 0, 0), "{filter:?}");
        }
    }

    async fn no_filter_at_all_finds_everything_in_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let nothing = [
            Filter::all([]),
            Filter::all([Filter::all([])]),
            Filter::any([Filter::all([]), Column::Id.eq(id(1))]),
            Filter::all([]).not().not(),
        ];
        for filter in nothing {
            let found = rows.find::<Entity>().filter(filter.clone()).all().await.expect("books");
            assert_eq!(numbers(&found), [1, 2, 3, 7], "{filter:?}");
        }
    }

    async fn several_filters_must_all_hold(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let either = Filter::any([Column::Id.eq(id(1)), Column::Id.eq(id(2))]);
        let found = rows.find::<Entity>().filter(either).filter(Column::Id.ne(id(1)));
        assert_eq!(numbers(&found.all().await.expect("books")), [2]);
    }

    async fn pattern_characters_are_matched_literally(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let titles = ["100 %", "100 x", r"a\b", "ab", "a_b", "axb", "it's", r"\%"];
        for (n, title) in (1..).zip(titles) {
            let row = [
                ("organization_id", library.ours.organization().into()),
                ("id", id(100 + n).into()),
                ("shelf_id", id(1).into()),
                ("title", title.into()),
                ("pages", 1_i64.into()),
                ("mark", "ours".into()),
                ("added_at", library.world.runtime().now().into()),
            ];
            library.world.insert("books", row).await;
        }
        let rows = library.read();
        let cases: [(&str, &[&str]); 8] = [
            ("%", &["100 %", r"\%"]),
            ("_", &["a_b"]),
            (r"\", &[r"\%", r"a\b"]),
            (r"\%", &[r"\%"]),
            ("a_b", &["a_b"]),
            ("0 %", &["100 %"]),
            ("'", &["it's"]),
            ("%%", &[]),
        ];
        for (text, expected) in cases {
            let found = rows.find::<Entity>().filter(Column::Title.contains(text)).all().await;
            let mut found: Vec<_> = found.expect("books").into_iter().map(|it| it.title).collect();
            found.sort();
            assert_eq!(found, expected, "{text}");
        }
    }

    async fn text_is_searched_with_its_case_on_both_databases(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        for (text, found) in [("Book", 4), ("book", 0), ("BOOK", 0)] {
            let count = rows.find::<Entity>().filter(Column::Title.contains(text)).count().await;
            assert_eq!(count.expect("a number"), found, "{text}");
        }
    }

    async fn a_custom_column_cannot_bypass_the_scope(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        let filters = [
            rogue::Column::Value.eq("x"),
            rogue::Column::Value.is_in(["x"]),
            rogue::Column::Value.contains("x"),
            rogue::Column::Value.eq_column(Column::Title),
            Column::Title.eq_column(rogue::Column::Value),
            rogue::Column::Name.eq("x"),
            rogue::Column::Name.ne(None::<String>),
            rogue::Column::Name.contains("x"),
            rogue::Column::Name.eq_column(Column::Title),
            Column::Title.eq_column(rogue::Column::Name),
        ];
        for filter in filters {
            // One read each: a refused statement ends it on Postgres.
            let rows = library.read();
            let found = rows.find::<Entity>().filter(filter.clone()).all().await;
            let found = found.unwrap_or_default();
            assert!(found.iter().all(|book| book.mark == "ours"), "{filter:?} found {found:?}");
        }
        assert_eq!(rows.find::<Entity>().count().await.expect("a number"), 4);
    }

    async fn text_in_a_filter_is_never_sql(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let rows = library.read();
        for text in ["' OR 1=1 --", "1=1) OR (1=1", r#"" OR ""=""#, "$1", "?"] {
            let filters = [
                Column::Title.eq(text),
                Column::Title.contains(text),
                Column::Title.is_in([text]),
            ];
            let found = rows.find::<Entity>().filter(Filter::any(filters)).count().await;
            assert_eq!(found.expect("a number"), 0, "{text}");
        }
    }
}

/// A column that brings SQL of its own, in its name and in its values.
mod rogue {
    use std::{borrow::Cow, str::FromStr};

    use tenantry_core::orm::{
        ColumnFromStrErr, ColumnTrait, ColumnType, EnumIter, Iden, IdenStatic,
        prelude::{ColumnDef, ColumnTypeTrait as _},
        sea_query::{Expr, SimpleExpr},
    };

    #[derive(Clone, Copy, Debug, EnumIter)]
    pub(crate) enum Column {
        Name,
        Value,
    }

    impl Iden for Column {
        fn quoted(&self) -> Cow<'static, str> {
            Cow::Borrowed(match self {
                Self::Name => r#"title" = "books"."title") OR ("books"."title"#,
                Self::Value => "title",
            })
        }

        fn unquoted(&self) -> &str {
            self.as_str()
        }
    }

    impl IdenStatic for Column {
        fn as_str(&self) -> &'static str {
            match self {
                Self::Name => r#"title" = "books"."title") OR ("books"."title"#,
                Self::Value => "title",
            }
        }
    }

    impl FromStr for Column {
        type Err = ColumnFromStrErr;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            Err(ColumnFromStrErr(text.to_owned()))
        }
    }

    impl ColumnTrait for Column {
        type EntityName = super::Entity;

        fn def(&self) -> ColumnDef {
            ColumnType::Text.def()
        }

        #[expect(
            clippy::disallowed_methods,
            reason = "the test shows that it stays outside"
        )]
        fn save_as(&self, _: Expr) -> SimpleExpr {
            Expr::cust("'x') OR (1=1")
        }
    }
}
