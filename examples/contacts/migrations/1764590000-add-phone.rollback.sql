alter table contacts drop column phone;
