//! The threads that hash.

use std::{
    io,
    sync::{Mutex, MutexGuard, mpsc},
    thread::Builder,
};

/// Threads that step back behind all others. They are made when they are needed, and kept: one that
/// has just begun has had nothing yet of what it may have, and those who should come first would wait
/// for it. None may take its priority back, so they do nothing else.
#[derive(Default)]
pub(super) struct Threads {
    /// Those that have nothing to do. They end with it.
    idle: Mutex<Vec<Thread>>,
}

/// The way to a thread.
pub(super) struct Thread(mpsc::Sender<Handed>);

/// Something to do for a thread, and the thread, to be given back.
struct Handed {
    work: Box<dyn FnOnce(Thread) + Send>,
    thread: Thread,
}

impl Threads {
    /// Hands work to a thread that has nothing to do. The work gives it back.
    ///
    /// # Errors
    /// When a new one is needed and can't be had.
    pub(super) fn hand(&self, work: impl FnOnce(Thread) + Send + 'static) -> io::Result<()> {
        let idle = self.idle().pop();
        let thread = idle.map_or_else(Thread::new, Ok)?;
        let hands = thread.0.clone();
        let work = Box::new(work);
        let handed = hands.send(Handed { work, thread });
        handed.map_err(|_| io::Error::other("a thread has ended"))
    }

    pub(super) fn take_back(&self, thread: Thread) {
        self.idle().push(thread);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Thread>> {
        self.idle.lock().expect("nothing panics under it")
    }
}

impl Thread {
    fn new() -> io::Result<Self> {
        let (hands, work) = mpsc::channel::<Handed>();
        Builder::new().name("hash".to_owned()).spawn(move || {
            step_back();
            for Handed { work, thread } in work {
                work(thread);
            }
        })?;
        Ok(Self(hands))
    }
}

/// Lowers the priority of this thread: a hash takes as much processor time as hundreds of other
/// requests, and a login may take a little longer than they.
fn step_back() {
    /// A tenth of what a worker gets where both have something to do.
    #[cfg(target_os = "linux")]
    const STEPS: i32 = 10;
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STEPS) {
        tracing::debug!(%error, "a hash is computed as if it were any other work");
    }
}
