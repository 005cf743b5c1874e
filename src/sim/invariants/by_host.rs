//! What the checks of a group know of each of its replicas.

/// Values by the index of a host. Few hosts of a large cluster have a replica of a group; in a
/// laboratory all of them have, so each stands at its own index.
#[derive(Clone, Debug)]
pub(super) struct ByHost<T>(Vec<(usize, T)>);

impl<T> Default for ByHost<T> {
    fn default() -> ByHost<T> {
        ByHost(Vec::new())
    }
}

impl<T: Default> ByHost<T> {
    #[inline(always)]
    fn place(&self, host: usize) -> Option<usize> {
        match self.0.get(host) {
            Some(&(at, _)) if at == host => Some(host),
            _ => self.0.iter().position(|&(at, _)| at == host),
        }
    }

    /// The value of a host, if it has one.
    #[inline(always)]
    pub fn get(&self, host: usize) -> Option<&T> {
        Some(&self.0[self.place(host)?].1)
    }

    /// The value of a host, which begins with the usual one.
    #[inline(always)]
    pub fn get_mut(&mut self, host: usize) -> &mut T {
        let place = self.place(host).unwrap_or_else(|| {
            self.0.push((host, T::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// The hosts that have one.
    pub fn hosts(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|&(host, _)| host)
    }
}
