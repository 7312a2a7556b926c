// Applies the stored theme before the first paint; inline scripts are forbidden by the policy.
try {
  const chosen = localStorage.getItem('narrows-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the theme of the system applies.
}
