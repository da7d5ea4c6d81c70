//! What is wrong with the settings.

use std::fmt;

/// One wrong setting: its name, and what to do about it. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The variable, the key or the file.
    pub name: String,
    /// What is expected, and what was found instead.
    pub problem: String,
}

impl Mistake {
    pub(super) fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.problem)
    }
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, name: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Mistake::new(name, problem));
    }

    pub(super) fn none_or<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(build().expect("a value is missing only with a mistake about it"))
        } else {
            Err(self)
        }
    }

    /// The mistakes, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not valid:")?;
        for mistake in &self.0 {
            write!(f, "\n  {mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
