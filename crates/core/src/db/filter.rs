//! Conditions on rows, without raw SQL.
//!
//! SeaORM's expressions can hold raw SQL (`Expr::cust`), which can close a bracket and leave the
//! scope. A [`Filter`] consists only of columns, comparisons and bound values, and queries accept
//! nothing else.

use sea_orm::{
    ColumnTrait, Condition, EntityName as _, Value,
    sea_query::{Expr, ExprTrait as _, LikeExpr, SimpleExpr},
};

/// A condition on rows. An empty one is always true.
#[derive(Clone, Debug)]
pub struct Filter(Condition);

impl Filter {
    /// All of these must hold; an empty list is always true.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        let all = filters
            .into_iter()
            .filter(|filter| !filter.is_unconditional())
            .fold(Condition::all(), |all, filter| all.add(filter.0));
        Self(all)
    }

    /// One of these must hold; an empty list is never true.
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

    /// Whether it is always true, which a write must not be.
    pub(super) fn is_unconditional(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_condition(self) -> Condition {
        self.0
    }

    /// An empty OR would be omitted from the statement, which would then match every row.
    fn never() -> Self {
        from_expr(Expr::val(1).eq(0))
    }
}

/// Conditions on a column.
///
/// Only the column's name is used; custom `ColumnTrait` overrides (casts) are ignored.
pub trait ColumnFilter: ColumnTrait {
    /// It equals the value; for an absent value: it is null.
    fn eq(self, value: impl Into<Value>) -> Filter {
        from_expr(match is_not_null(value) {
            Some(value) => column_expr(self).eq(value),
            None => column_expr(self).is_null(),
        })
    }

    /// It differs from the value; for an absent value: it is not null.
    fn ne(self, value: impl Into<Value>) -> Filter {
        from_expr(match is_not_null(value) {
            Some(value) => column_expr(self).ne(value),
            None => column_expr(self).is_not_null(),
        })
    }

    /// It is less than the value.
    fn lt(self, value: impl Into<Value>) -> Filter {
        from_expr(column_expr(self).lt(value.into()))
    }

    /// It is greater than the value.
    fn gt(self, value: impl Into<Value>) -> Filter {
        from_expr(column_expr(self).gt(value.into()))
    }

    /// It equals another column of the same row, or of the row joined to it.
    fn eq_column(self, other: impl ColumnTrait) -> Filter {
        from_expr(column_expr(self).eq(column_expr(other)))
    }

    /// It is one of the values; an empty list is never true.
    ///
    /// The list is padded to a power of two with its last value: each length is another statement,
    /// which every connection prepares and keeps.
    fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if let Some(last) = values.last().cloned() {
            values.resize(values.len().next_power_of_two(), last);
        }
        from_expr(column_expr(self).is_in(values))
    }

    /// Its text contains this text, case-sensitively; pattern characters have no meaning.
    fn contains(self, text: &str) -> Filter {
        let mut pattern = String::from("%");
        for c in text.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        from_expr(column_expr(self).like(LikeExpr::new(pattern).escape('\\')))
    }
}

impl<C: ColumnTrait> ColumnFilter for C {}

/// The column by its name, which is escaped if necessary.
fn column_expr<C: ColumnTrait>(column: C) -> Expr {
    Expr::col((C::EntityName::default().table_name(), column.as_str()))
}

fn is_not_null(value: impl Into<Value>) -> Option<Value> {
    let value = value.into();
    (value != value.as_null()).then_some(value)
}

pub(super) fn from_expr(expression: SimpleExpr) -> Filter {
    Filter(Condition::all().add(expression))
}
