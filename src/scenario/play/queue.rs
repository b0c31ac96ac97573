//! What is due when: tasks in order of time, and of their making where times are equal.

use crate::domain::ids::TransferId;
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Nothing but to move the clock.
    Wake,
    /// A unit feeds its infants.
    Morning(String),
    /// A unit looks at its stock again.
    Order(String),
    /// A vehicle leaves from one site to another.
    Depart(String, String),
    /// It arrives.
    Arrive(TransferId),
    /// The recall of a week in a disturbed replay.
    Recall(i64),
}

/// Tasks by time.
#[derive(Debug, Default)]
pub(super) struct Queue {
    tasks: BTreeMap<(Instant, u64), Task>,
    added: u64,
}

impl Queue {
    /// Adds a task.
    pub(super) fn add(&mut self, at: Instant, task: Task) {
        self.added += 1;
        self.tasks.insert((at, self.added), task);
    }

    /// When the next one is due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.tasks.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next one that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Task> {
        let first = self.tasks.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_in_order_of_time_then_of_making() {
        let at = |n: i64| Instant::from_micros(n);
        let mut queue = Queue::default();
        queue.add(at(5), Task::Morning("b".into()));
        queue.add(at(3), Task::Wake);
        queue.add(at(5), Task::Morning("a".into()));
        assert_eq!(queue.take_due(at(2)), None);
        assert_eq!(queue.take_due(at(5)), Some(Task::Wake));
        assert_eq!(queue.take_due(at(5)), Some(Task::Morning("b".into())));
        assert_eq!(queue.take_due(at(5)), Some(Task::Morning("a".into())));
        assert_eq!(queue.next_at(), None);
    }
}
