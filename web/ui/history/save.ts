// Gives a file to the browser, which saves it or asks where to.
export function save(file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = `kith-history-${new Date().toLocaleDateString('sv')}.txt`;
  link.click();
  // The browser reads it after the click.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
