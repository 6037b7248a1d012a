//! The form of look-up secrets (SP 800-63B-4 §3.1.2): letters that cannot be mistaken for each other, in groups.

use super::secret::SubmittedCode;
use zeroize::Zeroizing;

/// Crockford's base32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 4;

/// A random secret of `length` letters (5 bits each), in groups of four joined by hyphens.
pub fn generate(length: usize, random: &mut dyn rand::CryptoRng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    random.fill_bytes(&mut bytes);
    let mut text = Zeroizing::new(String::with_capacity(length + length / GROUP));
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % GROUP == 0 {
            text.push('-');
        }
        // 256 is a multiple of 32, so each letter is equally likely.
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// The letters that are hashed: upper case, without hyphens, misread letters read as their look-alikes. `None` if the
/// text cannot be a secret of that length.
pub fn canonical(code: &SubmittedCode, length: usize) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(length));
    for c in code.expose().chars().filter(|c| *c != '-') {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        if !c.is_ascii() || !ALPHABET.contains(&(c as u8)) || out.len() == length {
            return None;
        }
        out.push(c);
    }
    (out.len() == length).then_some(out)
}
