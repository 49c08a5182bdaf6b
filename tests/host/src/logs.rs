//! What components write to stdout and stderr, line by line.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    async_trait,
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// Which of its two streams a component wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The host itself, about a component: why a request failed.
    Host,
}

/// One line of a component's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Id of the component.
    pub component: String,
    /// Where it was written to.
    pub stream: Stream,
    /// The line without its end.
    pub text: String,
}

/// Takes log lines. Must not block.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(LogLine) + Send + Sync>);

impl LogSink {
    /// Calls `take` for every line.
    pub fn new(take: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Writes lines to our own stderr, with the component's name.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(|line| eprintln!("[{}] {}", line.component, line.text))
    }

    /// A sink and the lines that it has taken.
    #[must_use]
    pub fn capture() -> (Self, CapturedLogs) {
        let logs = CapturedLogs::default();
        let lines = logs.clone();
        let sink = Self::new(move |line| {
            lines
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        });
        (sink, logs)
    }

    pub(crate) fn take(&self, component: &str, stream: Stream, text: &str) {
        (self.0)(LogLine {
            component: component.to_owned(),
            stream,
            text: text.to_owned(),
        });
    }
}

impl Default for LogSink {
    fn default() -> Self {
        Self::stderr()
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogSink")
    }
}

/// Lines taken by [`LogSink::capture`].
#[derive(Clone, Debug, Default)]
pub struct CapturedLogs(Arc<Mutex<Vec<LogLine>>>);

impl CapturedLogs {
    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<LogLine> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A stream of one instance that splits what is written into lines.
#[derive(Clone)]
pub(crate) struct Lines(Arc<Mutex<Buffer>>);

struct Buffer {
    sink: LogSink,
    component: String,
    stream: Stream,
    rest: Vec<u8>,
}

impl Lines {
    pub fn new(sink: LogSink, component: &str, stream: Stream) -> Self {
        Self(Arc::new(Mutex::new(Buffer {
            sink,
            component: component.to_owned(),
            stream,
            rest: Vec::new(),
        })))
    }

    fn push(&self, bytes: &[u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bytes);
    }
}

impl Buffer {
    fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.emit(line.strip_suffix(b"\n").unwrap_or(&line));
        }
    }

    fn emit(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        self.sink.take(&self.component, self.stream, &text);
    }
}

/// A last line may have no end.
impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            self.emit(&rest);
        }
    }
}

impl IsTerminal for Lines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

impl AsyncWrite for Lines {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_become_whole_lines() {
        let (sink, logs) = LogSink::capture();
        let lines = Lines::new(sink, "a", Stream::Stderr);
        let other_handle = lines.clone();
        lines.push(b"one\ntw");
        other_handle.push(b"o\n\nthree");
        let texts = || -> Vec<String> { logs.lines().into_iter().map(|l| l.text).collect() };
        assert_eq!(texts(), ["one", "two", ""]);
        drop((lines, other_handle));
        assert_eq!(texts(), ["one", "two", "", "three"]);
        assert_eq!(logs.lines()[0].component, "a");
        assert_eq!(logs.lines()[0].stream, Stream::Stderr);
    }
}
