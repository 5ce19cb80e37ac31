/** Whom the servers of the laboratory know that do NLA. */
export const LAB_ACCOUNT = { user: 'user', password: 'Only-for-the-Lab1' } as const;
