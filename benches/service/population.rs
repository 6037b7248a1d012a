//! Who logs in: seeded users in an order that has nothing to do with how they are stored.

use crate::Failure;
use crate::database::Database;
use crate::phone::step_now;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// Walks around through all users. A user's code is good for one check in its time step, so nobody's turn comes again in
/// the step of the check before.
pub struct Population {
    walk: Vec<u32>,
    /// Where the walk is, and how far it may go on.
    next: Cell<usize>,
    left: Cell<usize>,
    /// The time step that a user's last check has spent.
    spent: RefCell<Vec<u32>>,
}

impl Population {
    /// The users of these numbers, in the same order each time.
    pub fn new(users: Range<u32>) -> Self {
        let spent = RefCell::new(vec![0; users.end as usize]);
        let mut walk: Vec<u32> = users.collect();
        walk.shuffle(&mut rand::rngs::StdRng::seed_from_u64(1));
        Self { walk, next: Cell::new(0), left: Cell::new(0), spent }
    }

    /// Lets `wanted` users take their turn, or as many as there are. If the codes of most of them are spent, all codes
    /// are made good again.
    pub fn admit(&self, wanted: usize, database: &Database) -> Result<(), Failure> {
        let (wanted, step) = (wanted.min(self.walk.len()), step_now());
        let is_good = |ahead: &usize| self.spent.borrow()[self.user(self.next.get() + ahead) as usize] < step;
        let mut good = (0..wanted).take_while(is_good).count();
        if good < wanted.div_ceil(2) {
            database.forget_checks()?;
            self.spent.borrow_mut().fill(0);
            good = wanted;
        }
        self.left.set(good);
        Ok(())
    }

    fn user(&self, position: usize) -> u32 {
        self.walk[position % self.walk.len()]
    }

    /// The next one's number.
    pub fn take(&self) -> Option<u32> {
        self.left.set(self.left.get().checked_sub(1)?);
        self.next.set(self.next.get() + 1);
        Some(self.user(self.next.get() - 1))
    }

    /// Remembers that the user's code of this step is spent.
    pub fn spend(&self, user: u32, step: u32) {
        self.spent.borrow_mut()[user as usize] = step;
    }

    pub fn len(&self) -> usize {
        self.walk.len()
    }
}
