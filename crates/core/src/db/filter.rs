//! Conditions on rows, as a closed little language.
//!
//! SeaORM's own expressions can hold raw SQL (`Expr::cust`), and raw SQL can close a bracket and
//! leave the scope. A [`Filter`] is made of columns, comparisons and bound values alone, and
//! nothing else is accepted where rows are named, so there is nothing to break out with.

use sea_orm::{
    ColumnTrait, Condition, Value,
    sea_query::{Expr, ExprTrait as _, LikeExpr, SimpleExpr},
};

/// A condition on rows.
#[derive(Clone, Debug)]
pub struct Filter(Condition);

impl Filter {
    /// All of these must hold; no condition at all holds always.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(join(Condition::all(), filters))
    }

    /// One of these must hold; of none, none does.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        let whole = join(Condition::any(), filters);
        if whole.is_empty() {
            // An empty OR would be left out of the statement, and leave every row in.
            return made(Expr::val(1).eq(0));
        }
        Self(whole)
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
        Self(Condition::all().add(self.0).not())
    }

    pub(super) fn into_condition(self) -> Condition {
        self.0
    }
}

fn join(whole: Condition, filters: impl IntoIterator<Item = Filter>) -> Condition {
    filters
        .into_iter()
        .fold(whole, |whole, filter| whole.add(filter.0))
}

/// What can be asked of a column.
pub trait ColumnFilter: ColumnTrait {
    /// It equals the value; for an absent value: it is null.
    fn eq(self, value: impl Into<Value>) -> Filter {
        made(ColumnTrait::eq(&self, value))
    }

    /// It differs from the value; for an absent value: it is not null.
    fn ne(self, value: impl Into<Value>) -> Filter {
        made(ColumnTrait::ne(&self, value))
    }

    /// It is less than the value.
    fn lt(self, value: impl Into<Value>) -> Filter {
        made(ColumnTrait::lt(&self, value))
    }

    /// It is greater than the value.
    fn gt(self, value: impl Into<Value>) -> Filter {
        made(ColumnTrait::gt(&self, value))
    }

    /// It equals another column of the same row, or of the row joined to it.
    fn same_as(self, other: impl ColumnTrait) -> Filter {
        let other = Expr::col(other.as_column_ref());
        made(Expr::col(self.as_column_ref()).eq(other))
    }

    /// It is one of the values; of none, never.
    fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        made(ColumnTrait::is_in(&self, values))
    }

    /// Its text holds this text, whatever the characters mean in a pattern.
    fn contains(self, text: &str) -> Filter {
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        let pattern = LikeExpr::new(pattern).escape('\\');
        made(ColumnTrait::like(&self, pattern))
    }
}

impl<C: ColumnTrait> ColumnFilter for C {}

fn made(expression: SimpleExpr) -> Filter {
    Filter(Condition::all().add(expression))
}
