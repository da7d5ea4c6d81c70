//! Where log lines go: to standard error, and never in the way of a request.

use std::{
    io::{self, Write, stderr},
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use metrics::counter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// The metric of lines that the log lacks, by reason.
pub(crate) const DROPPED: &str = "log_lines_dropped_total";

/// Standard error. A line that can't be written, to a full disk or a closed pipe, is dropped and
/// counted: the program goes on without its log.
pub(crate) struct LogOutput;

impl Write for LogOutput {
    /// Gets one whole line at a time.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if stderr().write_all(line).is_err() {
            counter!(DROPPED, "reason" => "unwritable").increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The library that reads HTTP logs what clients send it, without limit.
const HTTP_LIBRARY: &str = "actix_http";

/// How many lines of it there are in a second.
const LINES_PER_SECOND: u64 = 10;

/// Limits the lines that anonymous clients cause by malformed requests.
#[derive(Default)]
pub(crate) struct HttpLibraryLimit {
    /// The second, and in the lowest bits the lines in it.
    window: AtomicU64,
}

const COUNT_BITS: u32 = 16;

impl HttpLibraryLimit {
    fn admits(&self, second: u64) -> bool {
        let count_line = |window: u64| {
            let (of, count) = (window >> COUNT_BITS, window & ((1 << COUNT_BITS) - 1));
            match of == second {
                true if count >= LINES_PER_SECOND => None,
                true => Some(window + 1),
                false => Some((second << COUNT_BITS) + 1),
            }
        };
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.window.fetch_update(set, fetch, count_line).is_ok()
    }
}

impl<S: Subscriber> Filter<S> for HttpLibraryLimit {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        if !event.metadata().target().starts_with(HTTP_LIBRARY) {
            return true;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let is_admitted = self.admits(now.map_or(0, |now| now.as_secs()));
        if !is_admitted {
            counter!(DROPPED, "reason" => "rate").increment(1);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_a_limited_number_of_lines() {
        let limit = HttpLibraryLimit::default();
        for second in [7, 8] {
            let admitted = (0..100).filter(|_| limit.admits(second)).count();
            assert_eq!(admitted as u64, LINES_PER_SECOND);
        }
    }
}
