// The mark: a rounded speech bubble whose tail is the arm of a lowercase k.
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden="true">
      <path
        className="mark-bubble"
        d="M17 3h13c7.7 0 14 6.3 14 14v9c0 3.3-1.1 6.3-3 8.7l4.3 7.5c.9 1.6-.6 3.4-2.3 2.9L30.5 40H17C9.3 40 3 33.7 3 26v-9C3 9.3 9.3 3 17 3z"
      />
      <path className="mark-k" d="M16.5 11v21.5M30 15.5L16.5 25M22.3 21L33.5 34.5" />
    </svg>
  );
}
