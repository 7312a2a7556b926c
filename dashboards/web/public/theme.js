// Before anything is painted: the theme that was chosen here earlier. A file of its own, because the pages' policy allows no script in their text.
try {
  const chosen = localStorage.getItem('narrows-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system's theme it is.
}
