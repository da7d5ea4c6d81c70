//! A strict reader of CBOR (RFC 8949), as authenticators write it.
//!
//! It reads the CTAP2 canonical form but for the order of keys: definite lengths, no tags, at most four
//! levels. Duplicate keys and what follows the value are errors.

/// The levels of arrays and maps that authenticators may use (CTAP 2.1, section 8).
const MAX_DEPTH: usize = 4;

/// The entries of one map; more than any message of an authenticator has.
const MAX_ENTRIES: usize = 64;

/// The bytes are no value in that form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A value, which borrows its bytes and texts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Map<'a>),
    /// A truth value, null or a floating-point number: no member that is read is one.
    Simple(u64),
}

/// The entries of a map; no key is there twice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Map<'a>(Vec<(Value<'a>, Value<'a>)>);

impl<'a> Map<'a> {
    /// The value of a key.
    pub(super) fn get(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        let entry = self.0.iter().find(|(known, _)| known == key);
        entry.map(|(_, value)| value)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Reads one value that takes all of the bytes.
pub(super) fn whole(bytes: &[u8]) -> Result<Value<'_>, Malformed> {
    match prefix(bytes)? {
        (value, []) => Ok(value),
        _ => Err(Malformed),
    }
}

/// Reads one value, and returns the bytes after it.
pub(super) fn prefix(bytes: &[u8]) -> Result<(Value<'_>, &[u8]), Malformed> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    Ok((value, reader.rest))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The major type, and the number that comes with it.
    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let first = self.take(1)?[0];
        let (major, low) = (first >> 5, first & 0x1f);
        let length = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            // Reserved, or a length that is not known in advance.
            _ => return Err(Malformed),
        };
        let bytes = self.take(length)?;
        let number = bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        Ok((major, number))
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        let (major, number) = self.head()?;
        if (major == 4 || major == 5) && depth == MAX_DEPTH {
            return Err(Malformed);
        }
        Ok(match major {
            0 => Value::Integer(integer(number)?),
            1 => Value::Integer(-1 - integer(number)?),
            2 => Value::Bytes(self.take(number)?),
            3 => Value::Text(str::from_utf8(self.take(number)?).map_err(|_| Malformed)?),
            4 => {
                // Nothing is reserved: the number may be larger than what follows.
                let mut items = Vec::new();
                for _ in 0..number {
                    items.push(self.value(depth + 1)?);
                }
                Value::Array(items)
            }
            5 => {
                if number > MAX_ENTRIES as u64 {
                    return Err(Malformed);
                }
                let mut map = Map(Vec::new());
                for _ in 0..number {
                    let key = self.value(depth + 1)?;
                    if map.get(&key).is_some() {
                        return Err(Malformed);
                    }
                    let value = self.value(depth + 1)?;
                    map.0.push((key, value));
                }
                Value::Map(map)
            }
            7 => Value::Simple(number),
            _ => return Err(Malformed),
        })
    }
}

fn integer(number: u64) -> Result<i64, Malformed> {
    i64::try_from(number).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_read() {
        // RFC 8949, appendix A.
        assert_eq!(whole(&[0x18, 0x64]), Ok(Value::Integer(100)));
        assert_eq!(whole(&[0x39, 0x03, 0xe7]), Ok(Value::Integer(-1000)));
        assert_eq!(whole(&[0x44, 1, 2, 3, 4]), Ok(Value::Bytes(&[1, 2, 3, 4])));
        assert_eq!(whole(&[0x62, 0xc3, 0xbc]), Ok(Value::Text("ü")));
        assert_eq!(whole(&[0x62, 0xc3, 0x28]), Err(Malformed));
        assert_eq!(whole(b"\x64IETF"), Ok(Value::Text("IETF")));
        let Ok(Value::Map(map)) = whole(&[0xa2, 1, 2, 3, 4]) else {
            panic!("a map");
        };
        assert_eq!(map.get(&Value::Integer(3)), Some(&Value::Integer(4)));
        assert_eq!(map.get(&Value::Integer(2)), None);
        assert_eq!(whole(&[0xf5]), Ok(Value::Simple(21)));
        assert_eq!(prefix(&[0x80, 7]), Ok((Value::Array(vec![]), &[7][..])));
    }

    #[test]
    fn bytes_after_the_value_are_refused() {
        assert_eq!(whole(&[0x01, 0x00]), Err(Malformed));
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused() {
        assert_eq!(whole(&[0xa2, 1, 2, 1, 3]), Err(Malformed));
    }

    #[test]
    fn a_fifth_level_is_refused() {
        assert!(whole(&[0x81, 0x81, 0x81, 0x81, 0x01]).is_ok());
        assert_eq!(whole(&[0x81, 0x81, 0x81, 0x81, 0x80]), Err(Malformed));
    }

    #[test]
    fn every_cut_and_every_length_beyond_the_end_is_refused() {
        let good = b"\xa2\x63fmt\x64none\x01\x82\x19\x01\x00\x44abcd";
        assert!(whole(good).is_ok());
        for end in 0..good.len() {
            assert_eq!(whole(&good[..end]), Err(Malformed), "{end}");
        }
        for huge in [0x5b, 0x7b, 0x9b, 0xbb] {
            let mut bytes = vec![huge];
            bytes.extend([0xff; 8]);
            assert_eq!(whole(&bytes), Err(Malformed), "{huge:x}");
        }
    }

    #[test]
    fn tags_open_lengths_and_wide_integers_are_refused() {
        for bad in [
            &[0xc0, 0x01][..],
            &[0x5f, 0x41, 0x00, 0xff],
            &[0x9f, 0xff],
            &[0xbf, 0xff],
            &[0x1c],
            &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(whole(bad), Err(Malformed), "{bad:x?}");
        }
    }
}
