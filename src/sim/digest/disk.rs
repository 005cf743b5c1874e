//! The fold of what happens to disks.

use super::Digest;
use crate::sim::disk_fault::{DiskError, DiskFault, DiskRecord};

impl Digest {
    pub(super) fn disk_fault(&mut self, fault: DiskFault) {
        self.word(match fault {
            DiskFault::Tear => 1,
            DiskFault::Corrupt => 2,
            DiskFault::Fill => 3,
            DiskFault::Free => 4,
            DiskFault::Wipe => 5,
        });
    }

    pub(super) fn disk_error(&mut self, why: DiskError) {
        match why {
            DiskError::NotBootstrapped => self.word(1),
            DiskError::Corrupt { at } => {
                self.word(2);
                self.record(at);
            }
        }
    }

    pub(super) fn record(&mut self, record: DiskRecord) {
        self.words(match record {
            DiskRecord::Entry { index } => [1, index],
            DiskRecord::Snapshot { index } => [2, index],
            DiskRecord::HardState => [3, 0],
        });
    }
}
