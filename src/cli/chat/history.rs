//! The file of lines that were typed: for its owner alone, and begun anew when it is no text any more.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::config::settings::open_to_others;
use crate::ui::Ui;

/// Sees to it that the file can be used, where there is one. Whether that succeeds does not matter to a chat.
pub(super) fn tend(path: &Path, ui: &Ui) {
    let Ok(bytes) = fs::read(path) else { return };
    if str::from_utf8(&bytes).is_err() {
        let aside = path.with_extension("damaged");
        if fs::rename(path, &aside).is_ok() {
            let (path, aside) = (path.display(), aside.display());
            ui.warn(&format!("`{path}` is no text any more: it is kept as `{aside}`, and a new one begins"));
        }
    } else if path.metadata().is_ok_and(|found| open_to_others(&found)) {
        fs::set_permissions(path, Permissions::from_mode(0o600)).ok();
    }
}
