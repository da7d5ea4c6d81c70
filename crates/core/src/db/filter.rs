//! Conditions on rows, as a closed little language.
//!
//! SeaORM's own expressions can hold raw SQL (`Expr::cust`), and raw SQL can close a bracket and
//! leave the scope. A [`Filter`] is made of columns, comparisons and bound values alone, and
//! nothing else is accepted where rows are named, so there is nothing to break out with.

use sea_orm::{
    ColumnTrait, Condition, EntityName as _, Value,
    sea_query::{Expr, ExprTrait as _, LikeExpr, SimpleExpr},
};

/// A condition on rows. Without any condition it holds always.
#[derive(Clone, Debug)]
pub struct Filter(Condition);

impl Filter {
    /// All of these must hold; no condition at all holds always.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        let all = filters
            .into_iter()
            .filter(|filter| !filter.is_unconditional())
            .fold(Condition::all(), |all, filter| all.add(filter.0));
        Self(all)
    }

    /// One of these must hold; of none, none does.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Condition::any();
        for filter in filters {
            if filter.is_unconditional() {
                return filter;
            }
            any = any.add(filter.0);
        }
        if any.is_empty() {
            Self::never()
        } else {
            Self(any)
        }
    }

    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::all([self, other])
    }

    /// This must not hold.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads with `and`; an operator would hide it"
    )]
    pub fn not(self) -> Self {
        if self.is_unconditional() {
            return Self::never();
        }
        Self(Condition::all().add(self.0).not())
    }

    /// Whether it says nothing; a write has to say something.
    pub(super) fn is_unconditional(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_condition(self) -> Condition {
        self.0
    }

    /// An empty OR would be left out of the statement, and leave every row in.
    fn never() -> Self {
        made(Expr::val(1).eq(0))
    }
}

/// What can be asked of a column.
///
/// Of the column its names alone are used: the rest of it may be its author's own making.
pub trait ColumnFilter: ColumnTrait {
    /// It equals the value; for an absent value: it is null.
    fn eq(self, value: impl Into<Value>) -> Filter {
        made(match is_not_null(value) {
            Some(value) => named(self).eq(value),
            None => named(self).is_null(),
        })
    }

    /// It differs from the value; for an absent value: it is not null.
    fn ne(self, value: impl Into<Value>) -> Filter {
        made(match is_not_null(value) {
            Some(value) => named(self).ne(value),
            None => named(self).is_not_null(),
        })
    }

    /// It is less than the value.
    fn lt(self, value: impl Into<Value>) -> Filter {
        made(named(self).lt(value.into()))
    }

    /// It is greater than the value.
    fn gt(self, value: impl Into<Value>) -> Filter {
        made(named(self).gt(value.into()))
    }

    /// It equals another column of the same row, or of the row joined to it.
    fn eq_column(self, other: impl ColumnTrait) -> Filter {
        made(named(self).eq(named(other)))
    }

    /// It is one of the values; of none, never.
    fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        made(named(self).is_in(values.into_iter().map(Into::into)))
    }

    /// Its text holds this text, in this case, whatever the characters mean in a pattern.
    fn contains(self, text: &str) -> Filter {
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        made(named(self).like(LikeExpr::new(pattern).escape('\\')))
    }
}

impl<C: ColumnTrait> ColumnFilter for C {}

/// The column by its names, which are escaped where they have to be.
fn named<C: ColumnTrait>(column: C) -> Expr {
    Expr::col((C::EntityName::default().table_name(), column.as_str()))
}

fn is_not_null(value: impl Into<Value>) -> Option<Value> {
    let value = value.into();
    (value != value.as_null()).then_some(value)
}

pub(super) fn made(expression: SimpleExpr) -> Filter {
    Filter(Condition::all().add(expression))
}
