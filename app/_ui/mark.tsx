/** The post horn: ring, pipe, bell, on its yellow field. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="#f5c518" />
      <g fill="none" stroke="#1c1a17" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="14.25" cy="18.25" r="6" />
        <path d="M5.75 12.25H17M5.75 10.5V14" />
      </g>
      <path d="M13.5 11.25c5.4 0 9.3-1.5 12.2-4.5.5-.5 1.3-.2 1.3.5v10c0 .7-.8 1-1.3.5-2.9-3-6.8-4.5-12.2-4.5z" fill="#1c1a17" />
    </svg>
  )
}
