//! The hashing threads.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// One hash to compute.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Starts a fixed number of threads with a lowered OS priority, fed through one bounded channel.
/// They end when the sender is dropped.
///
/// They live as long as the hasher, because the scheduler gives a fresh thread a full slice, for
/// which requests would wait. They run nothing else, because a thread can't raise its priority again.
///
/// # Errors
/// When the operating system can't start a thread.
pub(super) fn start(count: usize) -> io::Result<SyncSender<Job>> {
    let (sender, jobs) = sync_channel(count);
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..count {
        let jobs = Arc::clone(&jobs);
        let thread = thread::Builder::new().name("hash".to_owned());
        thread.spawn(move || {
            lower_priority();
            while let Some(job) = next(&jobs) {
                // A panic fails this job; the thread goes on, because none would replace it.
                drop(catch_unwind(AssertUnwindSafe(job)));
            }
        })?;
    }
    Ok(sender)
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    let jobs = jobs.lock().expect("nothing panics under it");
    jobs.recv().ok()
}

/// Leaves the processors to requests: one hash takes as long as hundreds of them, and a login can
/// wait longer than they can.
fn lower_priority() {
    /// A tenth of the weight of a worker thread.
    #[cfg(target_os = "linux")]
    const NICE: i32 = 10;
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the priority of a hashing thread could not be lowered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panicking_job_does_not_end_its_thread() {
        let jobs = start(1).expect("a thread");
        jobs.send(Box::new(|| panic!("as this test wants")))
            .expect("the thread runs");
        let (done, outcome) = sync_channel(1);
        jobs.send(Box::new(move || done.send(7).expect("the test waits")))
            .expect("the thread runs");
        assert_eq!(outcome.recv(), Ok(7));
    }
}
